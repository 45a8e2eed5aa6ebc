package dev.warren.loadtest.wireguard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** What tunnels do among routers, marks, rules, and other tunnels. */
@ParameterizedClass(name = "{0}")
@EnumSource(Pairing.class)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
@Timeout(60)
class RoutingRulesTest extends RoutedRules {
    private static final long KEEPALIVE_BYTES = 32;
    private static final int MARK = 51_820;
    /** An address that the left machine may have instead of its own. */
    private static final String LATER = "10.9.1.10";

    /** An address that is nobody's neighbour. */
    private static final String FAR = "198.18.0.1";

    private static final String FAR_IPV6 = "fd18::1";

    /** The ends are up already, see {@link RoutedRules}. */
    RoutingRulesTest(@SuppressWarnings("unused") Pairing ends) {}

    @Test
    void shouldBeReachedBehindANatAsLongAsItSendsKeepalives() throws Exception {
        pair.router()
                .nft(
                        """
                        table inet test {
                          chain post {
                            type nat hook postrouting priority 100;
                            ip saddr 10.9.1.0/24 oifname "ethright" masquerade
                          }
                        }
                        """);
        pair.router().sysctl("net.netfilter.nf_conntrack_udp_timeout", 2);
        pair.router().sysctl("net.netfilter.nf_conntrack_udp_timeout_stream", 2);
        pair.leftPlace().ping(1, RoutedPair.RIGHT);
        assertTrue(pair.right().endpoint(pair.leftKey()).startsWith(RoutedPair.ROUTER_RIGHT + ":"));

        Wg.await(
                "the end of the NAT's mapping",
                () -> !pair.router().run("cat /proc/net/nf_conntrack").contains("src=" + RoutedPair.LEFT_OUTER));
        assertFalse(pair.rightPlace().pings(RoutedPair.LEFT));

        pair.left().set(pair.rightKey(), "persistent-keepalive 1");
        long before = pair.right().transfer(pair.leftKey()).received();
        Wg.await(
                "three keepalives",
                () -> pair.right().transfer(pair.leftKey()).received() >= before + 3 * KEEPALIVE_BYTES);
        assertTrue(pair.rightPlace().pings(RoutedPair.LEFT));
    }

    @Test
    void shouldCarryWhatIsBoundToItAndWhatAMarkReroutes() throws Exception {
        pair.leftPlace().ping(1, "-I wgleft", RoutedPair.RIGHT);

        pair.left().set(pair.rightKey(), "allowed-ips " + RoutedPair.RIGHT + "/32," + FAR + "/32");
        pair.rightPlace().ip("address replace " + FAR + "/32 dev lo");
        pair.leftPlace().ip("route replace default dev wgleft table 100", "rule add fwmark 1 table 100");
        assertFalse(pair.leftPlace().pings(FAR), "no mark, and the router does not know it");
        pair.leftPlace()
                .nft(
                        """
                        table ip test {
                          chain out {
                            type route hook output priority -150;
                            ip daddr 198.18.0.1 meta mark set 1
                          }
                        }
                        """);
        pair.leftPlace().ping(1, "-I " + RoutedPair.LEFT, FAR);
    }

    @Test
    void shouldTakeAllTrafficButItsOwnMessagesOverIpv4() throws Exception {
        defaultRoute(RoutedPair.RIGHT_OUTER + ":" + RoutedPair.PORT);
    }

    /**
     * The first of all, as wireguard-go's first IPv6 messages after tests with IPv4 do not arrive, between two of it
     * either.
     */
    @Test
    @Order(1)
    void shouldTakeAllTrafficButItsOwnMessagesOverIpv6() throws Exception {
        defaultRoute("[" + RoutedPair.RIGHT_OUTER_IPV6 + "]:" + RoutedPair.PORT);
    }

    private void defaultRoute(String endpoint) throws IOException, InterruptedException {
        pair.left().set("fwmark " + MARK);
        assertEquals("0x" + Integer.toHexString(MARK), pair.left().show("fwmark"));
        pair.left().set(pair.rightKey(), "allowed-ips 0.0.0.0/0,::/0 endpoint " + endpoint);
        pair.right().set(pair.leftKey(), "allowed-ips " + RoutedPair.LEFT + "/32,fd77::1/128");
        String[] routes = {
            "route replace default dev wgleft table 100",
            "rule add not fwmark " + MARK + " table 100 priority 101",
            "rule add table main suppress_prefixlength 0 priority 100"
        };
        pair.leftPlace().ip(routes);
        pair.leftPlace().ip6(routes);
        pair.leftPlace().ip("address replace fd77::1/64 dev wgleft nodad");
        pair.rightPlace()
                .ip(
                        "address replace fd77::2/64 dev wgright nodad",
                        "address replace " + FAR + "/32 dev lo",
                        "address replace " + FAR_IPV6 + "/128 dev lo");
        awaitLocalRoute(pair.leftPlace(), "fd77::1");
        awaitLocalRoute(pair.rightPlace(), FAR_IPV6);
        pair.leftPlace().ping(2, FAR);
        pair.leftPlace().ping(2, FAR_IPV6);
        assertEquals(endpoint, pair.left().endpoint(pair.rightKey()));
        // What has a way of its own keeps it.
        pair.leftPlace().ping(1, "10.9.1.254");
        pair.leftPlace().ping(100, FAR);
    }

    /** The kernel inserts that of an IPv6 address in a thread of its own; until then nothing reaches the address. */
    private static void awaitLocalRoute(Place place, String address) throws IOException, InterruptedException {
        Wg.await("the local route of " + address, () -> place.run("ip -6 route show table local")
                .contains("local " + address + " "));
    }

    @Test
    void shouldCarryATunnelOfAnotherInterface() throws Exception {
        tunnelInTunnel();
        long outer = pair.left().transfer(pair.rightKey()).sent();
        pair.leftPlace().ping(10, RoutedPair.INNER_RIGHT);
        assertTrue(pair.left().transfer(pair.rightKey()).sent() > outer + 10 * 128, "one inside the other");
    }

    @Test
    void shouldCarryATunnelOfItsOwn() throws Exception {
        onion();
        pair.leftPlace().ping(3, RoutedPair.INNER_RIGHT);
        assertTrue(pair.left().lastHandshake(pair.rightKey()) > 0);
        assertTrue(pair.left().lastHandshake(pair.innerRightKey()) > 0);
    }

    @Test
    void shouldSendFromAnotherAddressWhenItsOwnIsGone() throws Exception {
        pair.leftPlace().ping(1, RoutedPair.RIGHT);
        assertEquals(RoutedPair.LEFT_OUTER + ":" + RoutedPair.PORT, pair.right().endpoint(pair.leftKey()));
        leftAddress(LATER, RoutedPair.LEFT_OUTER);
        try {
            Wg.await("the left one's other address", () -> pair.leftPlace().pings(RoutedPair.RIGHT));
            assertEquals(LATER + ":" + RoutedPair.PORT, pair.right().endpoint(pair.leftKey()));
        } finally {
            leftAddress(RoutedPair.LEFT_OUTER, LATER);
        }
    }

    private void leftAddress(String now, String before) throws IOException {
        pair.leftPlace()
                .ip(
                        "address del " + before + "/24 dev eth0",
                        "address add " + now + "/24 dev eth0",
                        "route replace default via 10.9.1.254");
    }

    /** The left interface reaches the inner right one through its own tunnel to the right one. */
    private void onion() throws IOException {
        pair.leftPlace().ip("address del " + RoutedPair.INNER_LEFT + "/24 dev innerleft");
        pair.leftPlace().ip("address add " + RoutedPair.INNER_LEFT + "/24 dev wgleft");
        pair.left()
                .add(RoutedPair.peer(
                        pair.innerRightKey(), RoutedPair.INNER_RIGHT, RoutedPair.RIGHT + ":" + RoutedPair.INNER_PORT));
        pair.innerRight().add(RoutedPair.peer(pair.leftKey(), RoutedPair.INNER_LEFT, ""));
    }

    /** The inner interfaces reach each other through the outer ones. */
    private void tunnelInTunnel() throws IOException {
        pair.leftPlace().ip("link set innerleft mtu 1340");
        pair.rightPlace().ip("link set innerright mtu 1340");
        pair.innerLeft()
                .add(RoutedPair.peer(
                        pair.innerRightKey(), RoutedPair.INNER_RIGHT, RoutedPair.RIGHT + ":" + RoutedPair.INNER_PORT));
        pair.innerRight().add(RoutedPair.peer(pair.innerLeftKey(), RoutedPair.INNER_LEFT, ""));
    }
}
