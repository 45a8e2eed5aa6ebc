package dev.warren.node.tunnel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.node.engine.EngineSnapshot;
import dev.warren.node.engine.MeshPeer;
import dev.warren.node.engine.PingAnswer;
import dev.warren.platform.crypto.CipherPreference;
import dev.warren.platform.linux.Link;
import dev.warren.platform.linux.LinuxException;
import dev.warren.platform.linux.LocalSource;
import dev.warren.platform.linux.Netlink;
import dev.warren.platform.linux.NetworkNamespace;
import dev.warren.platform.linux.Offloads;
import dev.warren.protocol.key.DiscoPrivateKey;
import dev.warren.protocol.key.NodePrivateKey;
import dev.warren.protocol.key.NodePublicKey;
import dev.warren.protocol.testing.Pings;
import dev.warren.protocol.testing.Requirements;
import dev.warren.protocol.wireguard.IpPrefix;
import dev.warren.protocol.wireguard.Peer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.logging.Filter;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Two whole tunnels in two namespaces, with a cable and a relay of plain memory between them. */
@Timeout(30)
class TunnelTest {
    private static final int REGION = 7;
    private static final int MTU_BYTES = 1280;
    private static final SecureRandom RANDOM = new SecureRandom();

    private final Machine left;
    private final Machine right;

    TunnelTest() throws IOException, InterruptedException {
        Requirements.tun();
        Requirements.program("ip", "ping", "sysctl");
        left = new Machine(1);
        right = new Machine(2);
        left.other = right;
        right.other = left;
        left.run("ip link add eth0 type veth peer name eth0 netns " + right.namespace.threadId());
        for (Machine machine : List.of(left, right)) {
            machine.netlink.bringUp("eth0", 1500);
            machine.netlink.addAddress("eth0", InetAddress.ofLiteral(machine.outer), 24);
            machine.open();
        }
    }

    @AfterEach
    void close() throws IOException {
        left.close();
        right.close();
    }

    @Test
    void shouldCarryTheFirstPacketsThroughTheRelayAndThenGoDirect() throws Exception {
        left.meet(right);
        right.meet(left);
        left.ping(5, right.inner);
        while (left.path() != EngineSnapshot.PathKind.DIRECT || right.path() != EngineSnapshot.PathKind.DIRECT) {
            left.run("ping -c 1 -W 5 " + right.inner);
        }
        assertTrue(left.tunnel().datapath().count(DatapathCounter.RELAY_RECEIVED) > 0);
        long relayed = left.tunnel().datapath().count(DatapathCounter.RELAY_RECEIVED);
        left.run("ping -c 3 -i 0.05 -W 5 -s 1200 " + right.inner);
        assertEquals(relayed, left.tunnel().datapath().count(DatapathCounter.RELAY_RECEIVED), "still over the relay");
    }

    @Test
    void shouldTellItsAddressesAndHaveNoLinkLocalOne() throws Exception {
        assertEquals(List.of(new InetSocketAddress(left.outer, left.tunnel().port())), left.endpoints.take());
        Link link = Objects.requireNonNull(left.netlink.link("wtest0"));
        assertEquals(MTU_BYTES, link.mtuBytes());
        assertEquals(
                List.of(InetAddress.ofLiteral(left.inner)),
                link.addresses().stream().map(held -> held.address()).toList());
    }

    @Test
    void shouldSayThatNameOrPortIsTakenAndLeaveNothingBehind() throws Exception {
        LinuxException sameName = assertThrows(LinuxException.class, () -> left.start("wtest0", 0));
        assertTrue(sameName.getMessage().contains("wtest0 is in use by another process"), sameName.getMessage());
        int port = left.tunnel().port();
        LinuxException samePort = assertThrows(LinuxException.class, () -> left.start("wtest1", port));
        assertTrue(samePort.getMessage().contains("UDP port " + port + " is in use"), samePort.getMessage());
        assertEquals(null, left.netlink.link("wtest1"));
    }

    @Test
    void shouldUseWhatMakesItFastUnlessThatIsSwitchedOff() throws Exception {
        assertEquals(
                "{tun-tcp=on, tun-udp=on, udp-gso=on, udp-gro=on}",
                left.tunnel().datapath().offloads().toString());
        assertEquals("libcrypto", left.tunnel().cipher().name());
        Acceleration little = new Acceleration(CipherPreference.JDK, new Offloads(false, true, false, true));
        try (Tunnel slow = left.start("wtest1", 0, little)) {
            assertEquals(
                    "{tun-tcp=switched off, tun-udp=on, udp-gso=switched off, udp-gro=on}",
                    slow.datapath().offloads().toString());
            assertEquals("jdk", slow.cipher().name());
        }
        try (Tunnel slow = left.start("wtest1", 0, new Acceleration(CipherPreference.JDK, Offloads.NONE))) {
            assertEquals(
                    "{tun-tcp=switched off, tun-udp=switched off, udp-gso=switched off, udp-gro=switched off}",
                    slow.datapath().offloads().toString());
        }
    }

    /** As in a container of Docker's. */
    @Test
    void shouldDoWithIpv4WhereIpv6IsSwitchedOff() throws Exception {
        left.run("sysctl -qw net.ipv6.conf.wtest0.disable_ipv6=1");
        List<InetAddress> addresses = List.of(InetAddress.ofLiteral("fd00:7::7"), InetAddress.ofLiteral("100.64.7.7"));
        List<IpPrefix> routes = List.of(IpPrefix.parse("fd00:7::/48"), IpPrefix.parse("100.64.7.0/24"));
        left.namespace.call(() -> {
            left.tunnel().changeAddresses(addresses, List.of());
            left.tunnel().changeRoutes(routes, List.of());
            return true;
        });
        List<InetAddress> held = Objects.requireNonNull(left.netlink.link("wtest0")).addresses().stream()
                .map(each -> each.address())
                .toList();
        assertTrue(held.contains(InetAddress.ofLiteral("100.64.7.7")), held.toString());
        assertTrue(left.run("ip route").contains("100.64.7.0/24 dev wtest0"));
        left.namespace.call(() -> {
            left.tunnel().changeRoutes(List.of(), routes);
            left.tunnel().changeAddresses(List.of(), addresses);
            return true;
        });
        assertFalse(left.run("ip route").contains("100.64.7.0/24"));
        LinuxException again = assertThrows(
                LinuxException.class,
                () -> left.namespace.call(() -> {
                    left.tunnel().changeAddresses(List.of(), List.of(InetAddress.ofLiteral("100.64.7.7")));
                    return true;
                }));
        assertTrue(again.getMessage().contains("100.64.7.7"), again.getMessage());
    }

    /** Otherwise every message would be refused first and sent from another address then. */
    @Test
    void shouldForgetASourceThatItDoesNotHave() throws Exception {
        NodePublicKey nobody = NodePrivateKey.generate(RANDOM).publicKey();
        LocalSource foreign = new LocalSource(InetAddress.ofLiteral("192.0.2.77"), 0);
        Peer peer = left.tunnel()
                .ask((engine, nowNanos) -> {
                    Peer added = engine.device().addPeer(nobody, nowNanos);
                    added.setEndpoint(new InetSocketAddress(right.outer, 9));
                    added.setSource(foreign);
                    engine.deviceUp(nowNanos);
                    engine.device().initiate(added, nowNanos);
                    return added;
                })
                .get();
        while (left.tunnel().datapath().count(DatapathCounter.UDP_SOURCE_REFUSED) == 0) {
            left.tunnel().ask((_, _) -> 0).get();
        }
        assertTrue(left.tunnel().ask((_, _) -> peer.source() == null).get());
    }

    @Test
    void shouldSayHowManyPeersHaveNoRoom() throws Exception {
        List<String> warnings = new CopyOnWriteArrayList<>();
        Logger log = Logger.getLogger(Tunnel.class.getName());
        Filter before = log.getFilter();
        log.setFilter(entry -> !entry.getLevel().equals(Level.WARNING) || warnings.add(entry.getMessage()));
        try {
            left.tunnel()
                    .ask((engine, nowNanos) -> {
                        while (!engine.device().isFull()) {
                            byte[] key = new byte[32];
                            RANDOM.nextBytes(key);
                            engine.device().addPeer(NodePublicKey.of(key), nowNanos);
                        }
                        return 0;
                    })
                    .get();
            left.meet(right);
            left.tunnel()
                    .ask((engine, _) -> {
                        Peer one = engine.device().peers().iterator().next();
                        return engine.device().removePeer(one.publicKey());
                    })
                    .get();
            left.meet(right);
        } finally {
            log.setFilter(before);
        }
        assertEquals(
                List.of(
                        "wtest0: 1 of the coordinator's peers left out for want of room",
                        "wtest0: 0 of the coordinator's peers left out for want of room"),
                warnings);
    }

    @Test
    void shouldTellItsOwnerWhenTheInterfaceIsDeleted() throws Exception {
        left.netlink.delete("wtest0");
        assertTrue(left.ended.take().startsWith("The interface wtest0 is gone"));
    }

    /** A namespace with one tunnel in it. */
    private static final class Machine implements Tunnel.Surroundings {
        final NetworkNamespace namespace = NetworkNamespace.create();
        final Netlink netlink = namespace.call(Netlink::open);
        final BlockingQueue<List<InetSocketAddress>> endpoints = new LinkedBlockingQueue<>();
        final BlockingQueue<String> ended = new LinkedBlockingQueue<>();
        final String inner;
        final String outer;
        private final NodePrivateKey nodeKey = NodePrivateKey.generate(RANDOM);
        private final DiscoPrivateKey discoKey = DiscoPrivateKey.generate(RANDOM);
        private volatile @Nullable Machine other;
        private volatile @Nullable Tunnel tunnel;

        Machine(int number) throws IOException {
            inner = "100.64.0." + number;
            outer = "192.0.2." + number;
            netlink.bringUp("lo", 65536);
        }

        void open() throws IOException {
            Tunnel opened = start("wtest0", 0);
            namespace.call(() -> {
                opened.changeAddresses(List.of(InetAddress.ofLiteral(inner)), List.of());
                opened.changeRoutes(List.of(IpPrefix.parse("100.64.0.0/10")), List.of());
                return opened;
            });
            tunnel = opened;
        }

        Tunnel start(String name, int port) throws IOException {
            return start(name, port, Acceleration.BEST);
        }

        Tunnel start(String name, int port, Acceleration acceleration) throws IOException {
            Tunnel.Settings settings = new Tunnel.Settings(name, port, MTU_BYTES, nodeKey, discoKey, acceleration);
            return namespace.call(() -> Tunnel.open(settings, this));
        }

        Tunnel tunnel() {
            return Objects.requireNonNull(tunnel);
        }

        void meet(Machine peer) throws Exception {
            MeshPeer known = new MeshPeer(
                    peer.nodeKey.publicKey(),
                    peer.discoKey.publicKey(),
                    REGION,
                    List.of(new InetSocketAddress(peer.outer, peer.tunnel().port())),
                    List.of(IpPrefix.parse(peer.inner)));
            tunnel().ask((engine, nowNanos) -> {
                        engine.onRelayState(REGION, true, nowNanos);
                        engine.applyPeers(List.of(known), nowNanos);
                        return 0;
                    })
                    .get();
        }

        EngineSnapshot.PathKind path() throws Exception {
            return tunnel().ask((engine, nowNanos) ->
                            engine.snapshot(nowNanos).peers().getFirst().path())
                    .get();
        }

        String run(String command) throws IOException, InterruptedException {
            return run(List.of(command.split(" ")));
        }

        /** Requires that every one of so many pings is answered. */
        void ping(int count, String address) throws IOException, InterruptedException {
            run(Pings.oneByOne(count, List.of(address)));
        }

        private String run(List<String> command) throws IOException, InterruptedException {
            Process process = namespace.call(
                    () -> new ProcessBuilder(command).redirectErrorStream(true).start());
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertEquals(0, process.waitFor(), String.join(" ", command) + ": " + output);
            return output;
        }

        void close() {
            Tunnel open = tunnel;
            if (open != null) {
                open.close();
            }
            netlink.close();
            namespace.close();
        }

        @Override
        public void sendRelay(int region, NodePublicKey to, byte[] buffer, int offset, int length, long nowNanos) {
            Machine receiver = other;
            Tunnel target = receiver == null ? null : receiver.tunnel;
            if (target != null) {
                target.datapath().offerRelayPacket(region, nodeKey.publicKey(), buffer, offset, length);
            }
        }

        @Override
        public void endpointsChanged(List<InetSocketAddress> changed) {
            endpoints.add(changed);
        }

        @Override
        public void homeRegionChanged(int region, long nowNanos) {}

        @Override
        public void pingAnswered(long token, PingAnswer answer) {}

        @Override
        public void ended(String reason) {
            ended.add(reason);
        }
    }
}
