package dev.warren.loadtest.wireguard;

import dev.warren.protocol.key.NodePrivateKey;
import dev.warren.protocol.key.NodePublicKey;
import java.io.IOException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.List;

/**
 * Two machines with a router between them. Each has a WireGuard interface, {@code wgleft} and {@code wgright}, and one
 * more for tunnels in tunnels, {@code innerleft} and {@code innerright}. Everything the left machine has no better route
 * for goes to the router; the right one knows the networks of the cables only.
 */
final class RoutedPair implements AutoCloseable {
    static final int PORT = 51_820;
    static final int INNER_PORT = 51_821;
    static final String LEFT_OUTER = "10.9.1.1";
    static final String RIGHT_OUTER = "10.9.2.1";
    static final String RIGHT_OUTER_IPV6 = "fd09:2::1";
    static final String ROUTER_RIGHT = "10.9.2.254";
    static final String LEFT = "10.77.0.1";
    static final String RIGHT = "10.77.0.2";
    static final String INNER_LEFT = "10.88.0.1";
    static final String INNER_RIGHT = "10.88.0.2";

    private final World world;
    private final SecureRandom random = new SecureRandom();
    private final Wg left;
    private final Wg right;
    private final Wg innerLeft;
    private final Wg innerRight;
    private NodePrivateKey leftKey = key();
    private NodePrivateKey rightKey = key();
    private NodePrivateKey innerLeftKey = key();
    private NodePrivateKey innerRightKey = key();

    private RoutedPair(World world, Pairing pairing) throws IOException, InterruptedException {
        this.world = world;
        world.cable(leftPlace(), "eth0", LEFT_OUTER + "/24", router(), "ethleft", "10.9.1.254/24");
        world.cable(rightPlace(), "eth0", RIGHT_OUTER + "/24", router(), "ethright", ROUTER_RIGHT + "/24");
        leftPlace()
                .ip(
                        "address add fd09:1::1/64 dev eth0 nodad",
                        "route add default via 10.9.1.254",
                        "route add default via fd09:1::fe");
        rightPlace()
                .ip(
                        "address add " + RIGHT_OUTER_IPV6 + "/64 dev eth0 nodad",
                        "route add 10.9.1.0/24 via 10.9.2.254",
                        "route add fd09:1::/64 via fd09:2::fe");
        router().ip("address add fd09:1::fe/64 dev ethleft nodad", "address add fd09:2::fe/64 dev ethright nodad");
        router().sysctl("net.ipv4.ip_forward", 1);
        router().sysctl("net.ipv6.conf.all.forwarding", 1);
        // The kernel may lose what waits for a neighbour's answer, and WireGuard asks again after five seconds only.
        for (String address : List.of(RIGHT_OUTER, RIGHT_OUTER_IPV6)) {
            Wg.await("the cable to " + address, () -> leftPlace().pings(address));
        }
        left = world.start(pairing.first(), leftPlace(), "wgleft");
        right = world.start(pairing.second(), rightPlace(), "wgright");
        innerLeft = world.start(pairing.first(), leftPlace(), "innerleft");
        innerRight = world.start(pairing.second(), rightPlace(), "innerright");
    }

    static RoutedPair open(Pairing pairing) throws IOException, InterruptedException {
        World world = World.open(3);
        try {
            return new RoutedPair(world, pairing);
        } catch (IOException | InterruptedException | RuntimeException failed) {
            world.close();
            throw failed;
        }
    }

    Place leftPlace() {
        return world.place(0);
    }

    Place router() {
        return world.place(1);
    }

    Place rightPlace() {
        return world.place(2);
    }

    Wg left() {
        return left;
    }

    Wg right() {
        return right;
    }

    Wg innerLeft() {
        return innerLeft;
    }

    Wg innerRight() {
        return innerRight;
    }

    /** The key of {@code wgleft}, as its peer knows it, since the last {@link #reset}; and so on. */
    NodePublicKey leftKey() {
        return leftKey.publicKey();
    }

    NodePublicKey rightKey() {
        return rightKey.publicKey();
    }

    NodePublicKey innerLeftKey() {
        return innerLeftKey.publicKey();
    }

    NodePublicKey innerRightKey() {
        return innerRightKey.publicKey();
    }

    /**
     * As at the start of every test: new keys; the left interface knows where the right one is, which does not know
     * where the left one is; the inner interfaces have no peers.
     */
    void reset() throws IOException {
        leftKey = key();
        rightKey = key();
        innerLeftKey = key();
        innerRightKey = key();
        for (Place place : new Place[] {leftPlace(), router(), rightPlace()}) {
            place.nft("flush ruleset");
        }
        String rule = "rule add priority 32766 table main";
        leftPlace().ip("rule flush", rule);
        leftPlace().ip6("rule flush", rule);
        left.configure(own(leftKey, PORT) + peer(rightKey(), RIGHT, RIGHT_OUTER + ":" + PORT));
        right.configure(own(rightKey, PORT) + peer(leftKey(), LEFT, ""));
        innerLeft.configure(own(innerLeftKey, INNER_PORT));
        innerRight.configure(own(innerRightKey, INNER_PORT));
        address(leftPlace(), left, LEFT);
        address(rightPlace(), right, RIGHT);
        address(leftPlace(), innerLeft, INNER_LEFT);
        address(rightPlace(), innerRight, INNER_RIGHT);
    }

    /** A peer in the form of {@code wg setconf}; {@code endpoint} may be empty. */
    static String peer(NodePublicKey key, String address, String endpoint) {
        String where = endpoint.isEmpty() ? "" : "Endpoint = " + endpoint + "\n";
        return "[Peer]\nPublicKey = " + key.base64() + "\nAllowedIPs = " + address + "/32\n" + where;
    }

    private NodePrivateKey key() {
        return NodePrivateKey.generate(random);
    }

    private static String own(NodePrivateKey key, int port) {
        return "[Interface]\nPrivateKey = " + Base64.getEncoder().encodeToString(key.bytes()) + "\nListenPort = " + port
                + "\nFwMark = 0\n";
    }

    private static void address(Place place, Wg wg, String address) throws IOException {
        place.ip(
                "address flush dev " + wg.name(),
                "address add " + address + "/24 dev " + wg.name(),
                "link set " + wg.name() + " mtu 1420 up");
    }

    @Override
    public void close() {
        world.close();
    }
}
