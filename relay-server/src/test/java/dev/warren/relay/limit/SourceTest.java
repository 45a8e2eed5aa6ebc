package dev.warren.relay.limit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.net.InetAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(30)
class SourceTest {
    @ParameterizedTest
    @CsvSource({
        "2001:db8::1, 2001:db8:0:0:ffff:ffff:ffff:ffff",
        "fe80::1, fe80::2",
    })
    void shouldCountASixtyFourAsOne(String one, String other) throws Exception {
        assertEquals(source(one), source(other));
    }

    @ParameterizedTest
    @CsvSource({
        "192.0.2.1, 192.0.2.2",
        "2001:db8::1, 2001:db8:0:1::1",
        "0.0.0.0, ::",
        "::1, 0.0.0.1",
    })
    void shouldTellOthersApart(String one, String other) throws Exception {
        assertNotEquals(source(one), source(other));
    }

    @Test
    void shouldKnowIpv4InIpv6() throws Exception {
        byte[] mapped = new byte[16];
        mapped[10] = -1;
        mapped[11] = -1;
        System.arraycopy(InetAddress.ofLiteral("192.0.2.7").getAddress(), 0, mapped, 12, 4);
        assertEquals(source("192.0.2.7"), Source.of(java.net.Inet6Address.getByAddress(null, mapped, -1)));
    }

    private static Source source(String text) {
        return Source.of(InetAddress.ofLiteral(text));
    }
}
