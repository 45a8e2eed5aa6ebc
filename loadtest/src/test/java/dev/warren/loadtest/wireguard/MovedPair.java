package dev.warren.loadtest.wireguard;

import dev.warren.protocol.key.NodePrivateKey;
import dev.warren.protocol.key.PresharedKey;
import java.io.IOException;
import java.security.SecureRandom;
import java.util.Base64;

/**
 * Two interfaces that are made in an outer namespace and moved into inner ones: the UDP sockets stay outside, on the
 * loopback, and the insides see nothing but their tunnel.
 */
final class MovedPair implements AutoCloseable {
    static final int FIRST_PORT = 10_001;
    static final int SECOND_PORT = 10_002;
    private static final int MTU_BYTES = 1420;

    private final World world;
    private final SecureRandom random = new SecureRandom();
    private final Wg first;
    private final Wg second;
    private NodePrivateKey firstKey;
    private NodePrivateKey secondKey;
    private int resets;

    private MovedPair(World world, Pairing pairing) throws IOException, InterruptedException {
        this.world = world;
        first = world.start(pairing.first(), outside(), "wgfirst");
        second = world.start(pairing.second(), outside(), "wgsecond");
        world.move(first.name(), outside(), firstPlace());
        world.move(second.name(), outside(), secondPlace());
        firstKey = key();
        secondKey = key();
    }

    static MovedPair open(Pairing pairing) throws IOException, InterruptedException {
        World world = World.open(3);
        try {
            MovedPair pair = new MovedPair(world, pairing);
            pair.reset();
            // Nobody tells wireguard-go that its interface is up elsewhere: it looks once a second.
            Wg.await("the first ping", () -> pair.firstPlace().pings(pair.secondIpv4()));
            return pair;
        } catch (IOException | InterruptedException | RuntimeException | AssertionError failed) {
            world.close();
            throw failed;
        }
    }

    /** Where the UDP sockets are. */
    Place outside() {
        return world.place(0);
    }

    /** Where the first interface is. */
    Place firstPlace() {
        return world.place(1);
    }

    /** Where the second interface is. */
    Place secondPlace() {
        return world.place(2);
    }

    Wg first() {
        return first;
    }

    Wg second() {
        return second;
    }

    /** The first interface's key since the last {@link #reset}. */
    NodePrivateKey firstKey() {
        return firstKey;
    }

    /** The second interface's. */
    NodePrivateKey secondKey() {
        return secondKey;
    }

    /** The first interface's address in the tunnel since the last {@link #reset}; and so on. */
    String firstIpv4() {
        return ipv4(1);
    }

    String secondIpv4() {
        return ipv4(2);
    }

    String firstIpv6() {
        return ipv6(1);
    }

    String secondIpv6() {
        return ipv6(2);
    }

    /** The network that all of the tunnel's IPv4 addresses are of. */
    String ipv4Net() {
        return ipv4(0) + "/24";
    }

    /** Address {@code host} of it. */
    String ipv4(int host) {
        return "10.77." + resets + "." + host;
    }

    private String ipv6(int host) {
        return "fd77:0:0:" + resets + "::" + host;
    }

    /** A new key. */
    NodePrivateKey key() {
        return NodePrivateKey.generate(random);
    }

    /**
     * Both interfaces as at the start of every test: new keys, no traffic yet, each knows where the other is. The
     * addresses in the tunnel are new too, so that what TCP of the test before still wants to send has no way.
     */
    void reset() throws IOException {
        resets++;
        firstKey = key();
        secondKey = key();
        String preshared =
                Base64.getEncoder().encodeToString(PresharedKey.generate(random).bytes());
        first.configure(text(
                firstKey, FIRST_PORT, secondKey, preshared, secondIpv4(), secondIpv6(), "127.0.0.1:" + SECOND_PORT));
        second.configure(
                text(secondKey, SECOND_PORT, firstKey, preshared, firstIpv4(), firstIpv6(), "127.0.0.1:" + FIRST_PORT));
        address(firstPlace(), first.name(), firstIpv4(), firstIpv6());
        address(secondPlace(), second.name(), secondIpv4(), secondIpv6());
    }

    /** Has both find each other by IPv6. */
    void outsideIpv6() throws IOException {
        first.set(secondKey.publicKey(), "endpoint [::1]:" + SECOND_PORT);
        second.set(firstKey.publicKey(), "endpoint [::1]:" + FIRST_PORT);
    }

    /** Has both carry packets so long, until the next {@link #reset}. */
    void mtu(int bytes) throws IOException {
        firstPlace().ip("link set " + first.name() + " mtu " + bytes);
        secondPlace().ip("link set " + second.name() + " mtu " + bytes);
    }

    private static String text(
            NodePrivateKey key,
            int port,
            NodePrivateKey peer,
            String preshared,
            String ipv4,
            String ipv6,
            String endpoint) {
        return """
                [Interface]
                PrivateKey = %s
                ListenPort = %d
                [Peer]
                PublicKey = %s
                PresharedKey = %s
                AllowedIPs = %s/32, %s/128
                Endpoint = %s
                """
                .formatted(
                        Base64.getEncoder().encodeToString(key.bytes()),
                        port,
                        peer.publicKey().base64(),
                        preshared,
                        ipv4,
                        ipv6,
                        endpoint);
    }

    private static void address(Place place, String name, String ipv4, String ipv6) throws IOException {
        place.ip(
                "address flush dev " + name,
                "address add " + ipv4 + "/24 dev " + name,
                "address add " + ipv6 + "/64 dev " + name + " nodad",
                "link set " + name + " mtu " + MTU_BYTES + " up");
    }

    @Override
    public void close() {
        world.close();
    }
}
