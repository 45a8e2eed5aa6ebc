package dev.warren.platform.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.protocol.testing.Requirements;
import dev.warren.protocol.wireguard.IpPrefix;
import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.function.Executable;

@Timeout(30)
class NetlinkTest {
    private static final InetAddress IPV4 = InetAddress.ofLiteral("100.64.0.1");
    private static final InetAddress IPV6 = InetAddress.ofLiteral("fd00:1234::1");

    private final NetworkNamespace namespace;
    private final Netlink netlink;
    private final TunDevice tun;

    NetlinkTest() throws IOException {
        Requirements.tun();
        namespace = NetworkNamespace.create();
        netlink = namespace.call(Netlink::open);
        tun = namespace.call(() -> TunDevice.open("wtest0"));
    }

    @BeforeEach
    void bringUp() throws IOException {
        netlink.bringUp("wtest0", 1280);
    }

    @AfterEach
    void close() {
        tun.close();
        netlink.close();
        namespace.close();
    }

    @Test
    void shouldListInterfacesOfItsNamespaceOnly() throws IOException {
        List<Link> links = netlink.links();
        assertEquals(List.of("lo", "wtest0"), links.stream().map(Link::name).toList());
        Link loopback = links.getFirst();
        assertTrue(loopback.isLoopback());
        assertFalse(loopback.isUp());
        assertEquals(1, loopback.index());
    }

    @Test
    void shouldSwitchOnWithTheMtu() throws IOException {
        Link link = link();
        assertTrue(link.isUp());
        assertFalse(link.isLoopback());
        assertEquals(1280, link.mtuBytes());
        netlink.takeDown("wtest0");
        assertFalse(link().isUp());
    }

    @Test
    void shouldGiveAndTakeAddresses() throws Exception {
        netlink.addAddress("wtest0", IPV4, 10);
        UsableAddress.add(namespace, netlink, "wtest0", "fd00:1234::1", 48);
        netlink.addAddress("wtest0", IPV4, 10);
        List<LinkAddress> held = link().addresses().stream()
                .filter(address -> !address.address().isLinkLocalAddress())
                .toList();
        assertEquals(
                List.of(IPV4, IPV6), held.stream().map(LinkAddress::address).toList());
        assertEquals(List.of(10, 48), held.stream().map(LinkAddress::prefixBits).toList());
        assertTrue(held.getLast().isUsable());
        assertFalse(held.getLast().isDeprecated());

        netlink.removeAddress("wtest0", IPV4, 10);
        netlink.removeAddress("wtest0", IPV6, 48);
        assertFalse(link().addresses().stream().anyMatch(held::contains));
    }

    @Test
    void shouldKeepLinkLocalAddressesOff() throws IOException {
        assertTrue(link().addresses().stream().anyMatch(held -> held.address().isLinkLocalAddress()));
        netlink.takeDown("wtest0");
        netlink.withoutLinkLocal("wtest0");
        netlink.bringUp("wtest0", 1280);
        assertEquals(List.of(), link().addresses());
        netlink.addAddress("wtest0", IPV6, 48);
        assertEquals(1, link().addresses().size());
    }

    @Test
    void shouldAddAndRemoveRoutes() throws Exception {
        Requirements.program("ip");
        netlink.addAddress("wtest0", IPV4, 32);
        for (String block : List.of("10.20.0.0/16", "192.0.2.7/32", "fd00:77::/64", "0.0.0.0/1")) {
            netlink.addRoute(IpPrefix.parse(block), "wtest0");
            netlink.addRoute(IpPrefix.parse(block), "wtest0");
        }
        String four = Commands.in(namespace, "ip -4 route show dev wtest0");
        assertTrue(four.contains("10.20.0.0/16") && four.contains("192.0.2.7") && four.contains("0.0.0.0/1"), four);
        assertTrue(Commands.in(namespace, "ip -6 route show dev wtest0").contains("fd00:77::/64"));

        netlink.removeRoute(IpPrefix.parse("10.20.0.0/16"), "wtest0");
        netlink.removeRoute(IpPrefix.parse("fd00:77::/64"), "wtest0");
        assertFalse(Commands.in(namespace, "ip -4 route show dev wtest0").contains("10.20.0.0/16"));
        assertFalse(Commands.in(namespace, "ip -6 route show dev wtest0").contains("fd00:77::/64"));
    }

    @Test
    void shouldFindTheRoutersOfDefaultRoutes() throws Exception {
        Requirements.program("ip");
        netlink.addAddress("wtest0", InetAddress.ofLiteral("192.168.1.20"), 24);
        netlink.addAddress("wtest0", IPV6, 64);
        assertEquals(List.of(), netlink.gateways());
        for (String route : List.of(
                "-4 route add default via 192.168.1.2 dev wtest0 metric 200",
                "-4 route add default via 192.168.1.1 dev wtest0 metric 100",
                "-4 route add 10.0.0.0/8 via 192.168.1.3 dev wtest0",
                "-4 route add default via 192.168.1.4 dev wtest0 table 77",
                "-4 route add unreachable default metric 300",
                "-6 route add default via fe80::1 dev wtest0 metric 1024",
                "-6 route add default dev wtest0 metric 2048")) {
            Commands.in(namespace, "ip " + route);
        }

        int index = link().index();
        List<Gateway> found = netlink.gateways();
        assertEquals(
                List.of(
                        new Gateway(InetAddress.ofLiteral("192.168.1.1"), index, 100),
                        new Gateway(InetAddress.ofLiteral("192.168.1.2"), index, 200),
                        new Gateway(InetAddress.ofLiteral("fe80::1"), index, 1024)),
                found);
        assertEquals(index, ((Inet6Address) found.getLast().address()).getScopeId(), "it can be sent to");
    }

    @Test
    void shouldDeleteAnInterface() throws IOException {
        netlink.delete("wtest0");
        assertNull(netlink.link("wtest0"));
    }

    @Test
    void shouldSayWhatTheKernelRefused() {
        assertMessage("There is no interface nosuch0 on this machine.", () -> netlink.bringUp("nosuch0", 1280));
        assertMessage(
                "Cannot take the address 100.64.0.1/10 from the interface wtest0: EADDRNOTAVAIL, address not available "
                        + "on this machine",
                () -> netlink.removeAddress("wtest0", IPV4, 10));
        assertMessage(
                "Cannot remove the route for 10.20.0.0/16 into the interface wtest0: ESRCH",
                () -> netlink.removeRoute(IpPrefix.parse("10.20.0.0/16"), "wtest0"));
        assertMessage("with an MTU of 1: EINVAL", () -> netlink.bringUp("wtest0", 1));
    }

    @Test
    void shouldPassTheKernelsOwnWordsOn() throws IOException {
        netlink.takeDown("wtest0");
        assertMessage("ENETDOWN, network is down", () -> netlink.addRoute(IpPrefix.parse("10.1.0.0/16"), "wtest0"));
        assertMessage("(the kernel says: mtu ", () -> netlink.bringUp("wtest0", 1));
    }

    @Test
    void shouldStayUsableAfterARefusal() throws IOException {
        assertThrows(LinuxException.class, () -> netlink.removeAddress("wtest0", IPV4, 10));
        assertEquals(2, netlink.links().size());
    }

    @Test
    void shouldNoticeChanges() throws IOException {
        try (NetlinkMonitor monitor = namespace.call(NetlinkMonitor::open);
                Poller poller = Poller.open()) {
            poller.add(monitor.descriptor(), 0, true, false);
            monitor.drain();
            assertEquals(0, poller.await(0));
            netlink.addAddress("wtest0", IPV4, 10);
            assertEquals(1, poller.await(Poller.NEVER));
            assertTrue(monitor.drain());
            netlink.addRoute(IpPrefix.parse("10.20.0.0/16"), "wtest0");
            assertEquals(1, poller.await(Poller.NEVER));
            assertTrue(monitor.drain());
            assertFalse(monitor.drain());
        }
    }

    private Link link() throws IOException {
        return Objects.requireNonNull(netlink.link("wtest0"));
    }

    private static void assertMessage(String expected, Executable action) {
        LinuxException thrown = assertThrows(LinuxException.class, action);
        assertTrue(thrown.getMessage().contains(expected), thrown.getMessage());
    }
}
