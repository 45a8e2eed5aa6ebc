package dev.warren.platform.linux;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class WrittenAddressesTest {
    private final WrittenAddresses addresses = new WrittenAddresses();
    private final MemorySegment expected = Arena.ofAuto().allocate(SocketAddresses.BYTES);
    private final MemorySegment actual = Arena.ofAuto().allocate(SocketAddresses.BYTES + 8L);

    @Test
    void shouldWriteTheSameAgainAndAgain() {
        for (String ip : List.of("192.0.2.7", "2001:db8::7", "fe80::1")) {
            InetSocketAddress address = new InetSocketAddress(InetAddress.ofLiteral(ip), 41641);
            for (int time = 0; time < 3; time++) {
                assertSameForm(address);
            }
        }
    }

    @Test
    void shouldStayRightWhenThereAreMoreAddressesThanSlots() {
        List<InetSocketAddress> all = new ArrayList<>();
        for (int i = 0; i < 5000; i++) {
            String ip = i % 2 == 0 ? "10.0." + (i >> 8) + "." + (i & 255) : "fd00::" + Integer.toHexString(i);
            all.add(new InetSocketAddress(InetAddress.ofLiteral(ip), i + 1));
        }
        for (int round = 0; round < 2; round++) {
            all.forEach(this::assertSameForm);
        }
    }

    @Test
    void shouldTellScopesApartThatEqualityDoesNot() throws UnknownHostException {
        byte[] bytes = InetAddress.ofLiteral("fe80::1").getAddress();
        for (int scope : new int[] {2, 3, 2}) {
            assertSameForm(new InetSocketAddress(Inet6Address.getByAddress(null, bytes, scope), 9));
        }
    }

    private void assertSameForm(InetSocketAddress address) {
        expected.fill((byte) 0xA5);
        actual.fill((byte) 0xA5);
        int length = SocketAddresses.write(address, expected, 0);

        assertEquals(length, addresses.write(address, actual, 4));

        assertArrayEquals(
                expected.toArray(ValueLayout.JAVA_BYTE),
                actual.asSlice(4, SocketAddresses.BYTES).toArray(ValueLayout.JAVA_BYTE),
                address::toString);
    }
}
