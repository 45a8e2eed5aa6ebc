package dev.warren.platform.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(30)
final class HostPortTest {
    @ParameterizedTest
    @ValueSource(strings = {"relay.example:443", "10.0.0.1:3478", "[2001:db8::1]:3478", ":0", ":65535"})
    void shouldReadAndWriteTheSameForm(String text) {
        assertEquals(text, HostPort.parse(text).toString());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "relay.example | has no port",
                "::1:3478 | without brackets",
                "[::g]:1 | no IPv6 address in its brackets",
                "[::1:3478 | without brackets",
                "host:65536 | no port from 0 to 65535",
                "host:-1 | no port from 0 to 65535",
                "host:http | no port from 0 to 65535",
                "host: | no port from 0 to 65535",
                "http://host:80 | without brackets",
                "a/b:80 | no valid host"
            })
    void shouldSayWhatIsWrong(String text, String expected) {
        IllegalArgumentException failure = assertThrows(IllegalArgumentException.class, () -> HostPort.parse(text));
        String message = String.valueOf(failure.getMessage());
        assertTrue(message.contains(expected) && message.contains("write HOST:PORT"), message);
    }

    @Test
    void shouldListenOnEveryAddressWithoutAHost() {
        InetSocketAddress address = HostPort.parse(":3478").listenAddress();
        assertTrue(address.getAddress().isAnyLocalAddress());
        assertEquals(3478, address.getPort());
    }

    @Test
    void shouldResolveLiteralsAndRefuseUnknownNames() {
        assertEquals(
                new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 1),
                HostPort.parse("127.0.0.1:1").resolve());
        UserError failure = assertThrows(
                UserError.class, () -> HostPort.parse("no-such-host.invalid:1").resolve());
        assertEquals(
                "the host \"no-such-host.invalid\" is unknown: check its spelling and this machine's DNS",
                failure.getMessage());
    }

    @Test
    void shouldRefusePortsOutOfRange() {
        assertThrows(IllegalArgumentException.class, () -> new HostPort("a", 65536));
        assertThrows(IllegalArgumentException.class, () -> new HostPort("a", -1));
    }
}
