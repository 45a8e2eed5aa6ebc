package dev.warren.loadtest.tunnel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.protocol.key.NodePrivateKey;
import dev.warren.protocol.testing.Seeds;
import dev.warren.protocol.wireguard.IpPrefix;
import java.lang.foreign.ValueLayout;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HandshakeFramesTest {
    private static final byte[] STATION = {2, 3, 4, 5, 6, 7};
    private static final int LOOKED_AT = 100;

    @ParameterizedTest
    @CsvSource({"11.0.0.0/8, 10.9.3.1, 20", "11.1.128.0/17, 10.9.3.1, 20", "fd11::/32, fd09::1, 40"})
    void shouldBeInitiationsFromAddressesOfTheBlock(String block, String target, int ipBytes) throws Exception {
        IpPrefix sources = IpPrefix.parse(block);
        InetAddress address = InetAddress.ofLiteral(target);
        HandshakeFrames frames = new HandshakeFrames(
                sources,
                4711,
                new InetSocketAddress(address, 51_820),
                STATION,
                NodePrivateKey.generate(Seeds.random(1)).publicKey(),
                new SplittableRandom(1));
        assertEquals(14 + ipBytes + 8 + 148, frames.bytes());
        assertEquals((long) HandshakeFrames.COUNT * frames.bytes(), frames.all().byteSize());

        Set<InetAddress> seen = new HashSet<>();
        for (int i = 0; i < LOOKED_AT; i++) {
            byte[] frame = frames.all()
                    .asSlice((long) i * frames.bytes(), frames.bytes())
                    .toArray(ValueLayout.JAVA_BYTE);
            assertArrayEquals(STATION, Arrays.copyOf(frame, 6));
            ByteBuffer ip = ByteBuffer.wrap(frame, 14, frame.length - 14).slice();
            assertEquals(ipBytes == 20 ? 0x0800 : 0x86dd, ByteBuffer.wrap(frame).getShort(12) & 0xffff);
            assertEquals(ipBytes == 20 ? 0x45 : 0x60, ip.get(0));
            int addressBytes = address.getAddress().length;
            int sourceAt = ipBytes - 2 * addressBytes;
            InetAddress source =
                    InetAddress.getByAddress(Arrays.copyOfRange(frame, 14 + sourceAt, 14 + ipBytes - addressBytes));
            assertTrue(sources.contains(source), source.toString());
            seen.add(source);
            assertArrayEquals(
                    address.getAddress(), Arrays.copyOfRange(frame, 14 + ipBytes - addressBytes, 14 + ipBytes));
            if (ipBytes == 20) {
                assertEquals(0xffff, sum(ip, 0, 20), "the header's checksum");
            }
            assertEquals(4711, ip.getShort(ipBytes));
            assertEquals(51_820, ip.getShort(ipBytes + 2) & 0xffff);
            assertEquals(156, ip.getShort(ipBytes + 4));
            // RFC 768: the addresses, the protocol, the length, and all of the datagram.
            int all = sum(ip, sourceAt, 2 * addressBytes) + 17 + 156 + sum(ip, ipBytes, 156);
            assertEquals(0xffff, (all & 0xffff) + (all >>> 16), "the datagram's checksum");
            assertEquals(1, ip.getInt(ipBytes + 8) >>> 24, "an initiation");
        }
        assertTrue(seen.size() > LOOKED_AT / 2, seen.size() + " addresses");
    }

    /** RFC 1071. */
    private static int sum(ByteBuffer bytes, int at, int length) {
        int sum = 0;
        for (int i = at; i < at + length; i += 2) {
            sum += bytes.getShort(i) & 0xffff;
        }
        while (sum > 0xffff) {
            sum = (sum & 0xffff) + (sum >>> 16);
        }
        return sum;
    }
}
