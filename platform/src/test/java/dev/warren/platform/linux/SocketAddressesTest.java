package dev.warren.platform.linux;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class SocketAddressesTest {
    private final MemorySegment memory = Arena.ofAuto().allocate(SocketAddresses.BYTES);

    @Test
    void shouldLayOutIpv4() {
        memory.fill((byte) 0xA5);
        assertEquals(16, SocketAddresses.write(address("192.0.2.1", 51820), memory, 0));
        assertGolden(
                "0200" // family, native order
                        + "ca6c" // port
                        + "c0000201" // address
                        + "0000000000000000", // padding
                16);
    }

    @Test
    void shouldLayOutIpv6WithItsScope() throws UnknownHostException {
        memory.fill((byte) 0xA5);
        byte[] bytes = InetAddress.ofLiteral("fe80::1").getAddress();
        InetSocketAddress address = new InetSocketAddress(Inet6Address.getByAddress(null, bytes, 7), 3478);
        assertEquals(28, SocketAddresses.write(address, memory, 0));
        assertGolden(
                "0a00" // family, native order
                        + "0d96" // port
                        + "00000000" // flow info
                        + "fe800000000000000000000000000001" // address
                        + "07000000", // scope id, native order
                28);
    }

    @Test
    void shouldReadBackWhatItWrote() {
        SocketAddresses addresses = new SocketAddresses();
        for (String ip : new String[] {"0.0.0.0", "255.255.255.255", "100.64.0.1", "::", "2001:db8::1", "fd00::ff"}) {
            for (int port : new int[] {0, 1, 0x7fff, 0x8000, 0xffff}) {
                InetSocketAddress address = address(ip, port);
                SocketAddresses.write(address, memory, 0);
                assertEquals(address, addresses.read(memory, 0));
            }
        }
    }

    @Test
    void shouldKnowNoOtherFamily() {
        memory.fill((byte) 0);
        assertNull(new SocketAddresses().read(memory, 0));
    }

    @Test
    void shouldGiveTheSameObjectForTheSameSource() {
        SocketAddresses addresses = new SocketAddresses();
        for (String ip : new String[] {"192.0.2.7", "2001:db8::7"}) {
            SocketAddresses.write(address(ip, 1000), memory, 0);
            InetSocketAddress first = addresses.read(memory, 0);
            assertSame(first, addresses.read(memory, 0));
            SocketAddresses.write(address(ip, 1001), memory, 0);
            assertNotSame(first, addresses.read(memory, 0));
        }
    }

    @Test
    void shouldTellLinkLocalSourcesApartByScope() throws UnknownHostException {
        SocketAddresses addresses = new SocketAddresses();
        byte[] bytes = InetAddress.ofLiteral("fe80::1").getAddress();
        for (int scope : new int[] {2, 3, 2}) {
            InetSocketAddress address = new InetSocketAddress(Inet6Address.getByAddress(null, bytes, scope), 9);
            SocketAddresses.write(address, memory, 0);
            InetSocketAddress read = Objects.requireNonNull(addresses.read(memory, 0));
            assertEquals(scope, ((Inet6Address) read.getAddress()).getScopeId());
        }
    }

    @Test
    void shouldStayRightWhenManySourcesShareTheMemory() {
        SocketAddresses addresses = new SocketAddresses();
        for (int round = 0; round < 2; round++) {
            for (int i = 0; i < 5000; i++) {
                InetSocketAddress address = address("10.0." + (i >> 8) + "." + (i & 255), i + 1);
                SocketAddresses.write(address, memory, 0);
                assertEquals(address, addresses.read(memory, 0));
            }
        }
    }

    private void assertGolden(String hex, int length) {
        byte[] actual = Arrays.copyOf(memory.toArray(ValueLayout.JAVA_BYTE), length);
        assertArrayEquals(
                HexFormat.of().parseHex(hex), actual, () -> HexFormat.of().formatHex(actual));
    }

    private static InetSocketAddress address(String ip, int port) {
        return new InetSocketAddress(InetAddress.ofLiteral(ip), port);
    }
}
