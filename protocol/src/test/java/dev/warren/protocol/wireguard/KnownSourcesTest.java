package dev.warren.protocol.wireguard;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class KnownSourcesTest {
    private final KnownSources sources = new KnownSources();

    KnownSourcesTest() {
        sources.add(InetAddress.ofLiteral("198.51.100.7"));
        sources.add(InetAddress.ofLiteral("2001:db8:1:2::7"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0.0.0.0/0",
                "128.0.0.0/1",
                "198.51.100.0/24",
                "198.51.100.7/32",
                "::/0",
                "2001:db8::/32",
                "2001:db8:1:2::/64",
                "2001:db8:1:2:8000::/65",
                "2001:db8:1:2::9/128"
            })
    void shouldFindItsAddressesInBlocks(String block) {
        assertTrue(sources.isAnyIn(IpPrefix.parse(block)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0.0.0.0/1",
                "198.51.101.0/24",
                "198.51.100.6/32",
                "8000::/1",
                "2001:db8:1:3::/64",
                "2001:db8:1:3::7/128",
                "::/32"
            })
    void shouldFindNothingInOthers(String block) {
        assertFalse(sources.isAnyIn(IpPrefix.parse(block)));
    }
}
