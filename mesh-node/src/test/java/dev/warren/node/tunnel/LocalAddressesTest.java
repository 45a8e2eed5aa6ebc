package dev.warren.node.tunnel;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.warren.platform.linux.Link;
import dev.warren.platform.linux.LinkAddress;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class LocalAddressesTest {
    private static final int UP = 1;
    private static final int LOOPBACK = 8;
    private static final int TENTATIVE = 0x40;
    private static final int DEPRECATED = 0x20;
    private static final int DUPLICATE = 0x08;
    private static final Link LO = link("lo", UP | LOOPBACK, "127.0.0.1", "::1");

    @Test
    void shouldTakeIpv4FirstAndLeaveTheTunnelOut() {
        Link wired = link("eth0", UP, "2001:db8::5", "fe80::5", "192.168.1.5");
        Link wireless = link("wlan0", UP, "10.0.0.5", "169.254.7.7");
        Link tunnel = link("warren0", UP, "100.64.0.1", "fd00::1");
        assertUsable(List.of(LO, wired, wireless, tunnel), "192.168.1.5", "10.0.0.5", "2001:db8::5");
    }

    @Test
    void shouldLeaveOutInterfacesThatAreDown() {
        assertUsable(List.of(LO, link("eth0", 0, "192.168.1.5"), link("eth1", UP, "192.168.2.5")), "192.168.2.5");
    }

    @Test
    void shouldLeaveOutAddressesThatCanNotBeUsedOrAreOnTheWayOut() {
        Link wired = new Link(
                "eth0",
                2,
                UP,
                1500,
                List.of(
                        held("2001:db8::1", TENTATIVE),
                        held("2001:db8::2", DUPLICATE),
                        held("2001:db8::3", DEPRECATED),
                        held("2001:db8::4", 0)));
        assertUsable(List.of(LO, wired), "2001:db8::4");
    }

    @Test
    void shouldFallBackToLoopbackWhenThereIsNothingElse() {
        assertUsable(List.of(LO, link("warren0", UP, "100.64.0.1")), "127.0.0.1", "::1");
        assertUsable(List.of(link("lo", LOOPBACK, "127.0.0.1")));
    }

    private static void assertUsable(List<Link> links, String... expected) {
        assertEquals(
                Arrays.stream(expected).map(InetAddress::ofLiteral).toList(), LocalAddresses.usable(links, "warren0"));
    }

    private static Link link(String name, int flags, String... addresses) {
        return new Link(
                name,
                2,
                flags,
                1500,
                Arrays.stream(addresses).map(address -> held(address, 0)).toList());
    }

    private static LinkAddress held(String address, int flags) {
        return new LinkAddress(InetAddress.ofLiteral(address), 24, flags);
    }
}
