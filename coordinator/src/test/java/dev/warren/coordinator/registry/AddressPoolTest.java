package dev.warren.coordinator.registry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.protocol.testing.Seeds;
import dev.warren.protocol.wireguard.IpPrefix;
import java.net.InetAddress;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(30)
class AddressPoolTest {
    private static final IpPrefix ULA = IpPrefix.parse("fd00:1:2::/48");

    @Test
    void numbersAreAddressesInBothFamilies() {
        AddressPool pool = new AddressPool(IpPrefix.parse("100.64.0.0/10"), ULA);
        assertEquals("100.64.1.2", pool.ipv4(258).getHostAddress());
        assertEquals("fd00:1:2:0:0:0:0:102", pool.ipv6(258).getHostAddress());
        assertEquals(258, pool.numberOf(InetAddress.ofLiteral("100.64.1.2")));
        assertEquals(AddressPool.NONE, pool.numberOf(InetAddress.ofLiteral("100.128.0.1")));
        assertEquals(AddressPool.NONE, pool.numberOf(InetAddress.ofLiteral("fd00:1:2::1")));
    }

    @Test
    void everyAddressIsGivenOnceAndNeverTheFirstOrLast() {
        Seeds.forEach(20, random -> {
            int bits = random.nextInt(24, 30);
            IpPrefix block = new IpPrefix(InetAddress.ofLiteral("203.0.113.0"), bits);
            AddressPool pool = new AddressPool(block, ULA);
            Set<InetAddress> given = new HashSet<>();
            for (int number = pool.free(); number != AddressPool.NONE; number = pool.free()) {
                pool.take(number);
                assertTrue(block.contains(pool.ipv4(number)));
                assertEquals(number, pool.numberOf(pool.ipv4(number)));
                assertTrue(given.add(pool.ipv4(number)));
            }
            assertEquals((1 << (32 - bits)) - 2, given.size());
        });
    }

    @Test
    void aHighBlockWorksToo() {
        AddressPool pool = new AddressPool(IpPrefix.parse("240.0.0.0/8"), ULA);
        assertEquals("240.0.0.1", pool.ipv4(pool.free()).getHostAddress());
        assertEquals((1 << 24) - 2, pool.numberOf(InetAddress.ofLiteral("240.255.255.254")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"10.0.0.0/7", "10.0.0.0/30", "10.0.0.1/32", "fd00::/48"})
    void otherBlocksAreRefused(String block) {
        String said = String.valueOf(
                assertThrows(IllegalArgumentException.class, () -> AddressPool.checked(IpPrefix.parse(block)))
                        .getMessage());
        assertTrue(said.contains("such as 100.64.0.0/10"), said);
    }
}
