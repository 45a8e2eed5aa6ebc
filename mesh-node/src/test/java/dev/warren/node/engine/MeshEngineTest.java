package dev.warren.node.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.platform.linux.LocalSource;
import dev.warren.protocol.key.DiscoPrivateKey;
import dev.warren.protocol.key.NodePrivateKey;
import dev.warren.protocol.key.NodePublicKey;
import dev.warren.protocol.wireguard.Device;
import dev.warren.protocol.wireguard.IpPrefix;
import dev.warren.protocol.wireguard.Peer;
import dev.warren.protocol.wireguard.SourceAddress;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Two engines on one wire and one relay, without NATs: the engine's own rules. The simulated network has the rest. */
@Timeout(30)
final class MeshEngineTest {
    private static final long MILLI = 1_000_000L;
    private static final long SECOND = 1_000 * MILLI;
    private static final int REGION = 900;
    private static final SortedSet<Integer> RELAYED = new TreeSet<>(Set.of(REGION));

    private record Event(long at, long order, Runnable action) {}

    private final PriorityQueue<Event> events = new PriorityQueue<>(
            (x, y) -> x.at() != y.at() ? Long.compare(x.at(), y.at()) : Long.compare(x.order(), y.order()));
    private long now = SECOND;
    private long order;
    private boolean udpWorks = true;
    private boolean wireGuardOverUdpWorks = true;
    private final Agent a = new Agent(1);
    private final Agent b = new Agent(2);

    private final class Agent implements MeshEngine.Ports {
        final NodePrivateKey key;
        final DiscoPrivateKey disco;
        final InetSocketAddress address;
        final IpPrefix inner;
        final MeshEngine engine;
        final List<byte[]> received = new ArrayList<>();
        final List<PingAnswer> pings = new ArrayList<>();
        final List<Integer> handshakeClasses = new ArrayList<>();
        int relayed;
        int home;
        int unreachable;

        Agent(int number) {
            Random random = new Random(number);
            key = NodePrivateKey.generate(random);
            disco = DiscoPrivateKey.generate(random);
            address = new InetSocketAddress(ip("192.0.2." + number), 1000 + number);
            inner = IpPrefix.host(ip("100.64.0." + number));
            engine = new MeshEngine(new EngineConfig(key, disco, 1280), random, this);
        }

        MeshPeer record() {
            return new MeshPeer(key.publicKey(), disco.publicKey(), REGION, List.of(address), List.of(inner));
        }

        Agent other() {
            return this == a ? b : a;
        }

        @Override
        public void sendUdp(InetSocketAddress to, byte[] buffer, int offset, int length) {
            byte[] copy = Arrays.copyOfRange(buffer, offset, offset + length);
            boolean disco = copy[0] == 0x54;
            if (udpWorks && (disco || wireGuardOverUdpWorks) && to.equals(other().address)) {
                later(5 * MILLI, () -> other().engine
                        .onUdp(address, null, 0, MemorySegment.ofArray(copy), 0, copy.length, now));
            }
        }

        @Override
        public void sendUdp(
                InetSocketAddress to,
                @Nullable SourceAddress from,
                int trafficClass,
                MemorySegment memory,
                long offset,
                int length) {
            byte[] copy = memory.asSlice(offset, length).toArray(ValueLayout.JAVA_BYTE);
            if (copy[0] < 4) { // not data: a handshake message (WireGuard paper section 5.4)
                handshakeClasses.add(trafficClass);
            }
            sendUdp(to, copy, 0, length);
        }

        @Override
        public void unreachable(MemorySegment memory, long offset, int length) {
            unreachable++;
        }

        @Override
        public void sendRelay(int region, NodePublicKey to, byte[] buffer, int offset, int length) {
            assertEquals(REGION, region);
            byte[] copy = Arrays.copyOfRange(buffer, offset, offset + length);
            relayed++;
            later(20 * MILLI, () -> other().engine
                    .onRelay(region, key.publicKey(), MemorySegment.ofArray(copy), 0, copy.length, now));
        }

        @Override
        public void deliver(MemorySegment memory, long offset, int length) {
            received.add(memory.asSlice(offset, length).toArray(ValueLayout.JAVA_BYTE));
        }

        @Override
        public void endpointsChanged(List<InetSocketAddress> endpoints) {}

        @Override
        public void homeRegionChanged(int region) {
            home = region;
        }

        @Override
        public void pingAnswered(long token, PingAnswer answer) {
            pings.add(answer);
        }

        void sendTo(Agent peer) {
            byte[] packet = packet(inner.address(), peer.inner.address());
            byte[] buffer = new byte[Device.HEADROOM + packet.length + Device.TAILROOM];
            System.arraycopy(packet, 0, buffer, Device.HEADROOM, packet.length);
            engine.onTun(MemorySegment.ofArray(buffer), Device.HEADROOM, packet.length, now);
        }

        EngineSnapshot.Peer peer() {
            return engine.snapshot(now).peers().getFirst();
        }
    }

    private static InetAddress ip(String literal) {
        return InetAddress.ofLiteral(literal);
    }

    /** An IPv4 packet (RFC 791 section 3.1) of 40 bytes. */
    private static byte[] packet(InetAddress from, InetAddress to) {
        byte[] packet = new byte[40];
        packet[0] = 0x45;
        packet[3] = 40;
        System.arraycopy(from.getAddress(), 0, packet, 12, 4);
        System.arraycopy(to.getAddress(), 0, packet, 16, 4);
        return packet;
    }

    private void later(long delay, Runnable action) {
        events.add(new Event(now + delay, order++, action));
    }

    private void run(long nanos) {
        long end = now + nanos;
        while (true) {
            Event next = events.peek();
            long at = Math.min(
                    next == null ? Long.MAX_VALUE : next.at(),
                    Math.min(a.engine.nextDeadlineNanos(), b.engine.nextDeadlineNanos()));
            if (at > end) {
                now = end;
                return;
            }
            now = Math.max(now, at);
            if (next != null && next.at() <= now) {
                events.remove();
                next.action().run();
            }
            a.engine.poll(now);
            b.engine.poll(now);
            assertTrue(a.engine.nextDeadlineNanos() > now || !events.isEmpty(), "a deadline in the past after poll");
        }
    }

    private void join() {
        for (Agent agent : List.of(a, b)) {
            agent.engine.setUnixOffset(1_700_000_000L * SECOND);
            agent.engine.setLocalEndpoints(List.of(agent.address), now);
            agent.engine.applyRelays(new TreeMap<>(Map.of(REGION, List.of())), RELAYED, now);
            agent.engine.onRelayState(REGION, true, now);
            agent.engine.applyPeers(List.of(agent.record(), agent.other().record()), now);
        }
    }

    @Test
    void knowsWhichBlocksItsWaysLeadInto() {
        join();
        InetSocketAddress server = new InetSocketAddress(ip("203.0.113.9"), 3478);
        a.engine.applyRelays(new TreeMap<>(Map.of(REGION, List.of(server))), RELAYED, now);
        assertTrue(a.engine.hasWayInto(IpPrefix.parse("192.0.2.2/32")), "the peer");
        assertTrue(a.engine.hasWayInto(IpPrefix.parse("203.0.113.0/24")), "the STUN server");
        assertFalse(a.engine.hasWayInto(IpPrefix.parse("203.0.112.0/24")));
        assertFalse(a.engine.hasWayInto(IpPrefix.parse("2001:db8::/32")));
        a.engine.applyPeers(List.of(a.record()), now);
        assertFalse(a.engine.hasWayInto(IpPrefix.parse("192.0.2.0/24")), "the peer is gone");
    }

    @Test
    void deliversTheFirstPacketThroughTheRelayAndMovesToTheDirectPath() {
        join();
        assertEquals(REGION, a.home, "the connected relay is home while there is no STUN");
        a.sendTo(b);
        run(SECOND);
        assertEquals(1, b.received.size(), "the packet that began it arrives once");
        assertArrayEquals(packet(a.inner.address(), b.inner.address()), b.received.getFirst());
        assertEquals(EngineSnapshot.PathKind.DIRECT, a.peer().path());
        assertEquals(b.address, a.peer().direct());
        assertEquals(10 * MILLI, a.peer().latencyNanos());
        int before = a.relayed;
        a.sendTo(b);
        run(100 * MILLI);
        assertEquals(2, b.received.size());
        assertEquals(before, a.relayed, "a trusted direct path needs no relay");
    }

    @Test
    void goesBackToTheRelayWhenUdpDiesAndReturnsWhenItHeals() {
        join();
        a.sendTo(b);
        run(2 * SECOND);
        udpWorks = false;
        int lost = 0;
        for (int i = 0; i < 150; i++) {
            int before = b.received.size();
            a.sendTo(b);
            b.sendTo(a);
            run(100 * MILLI);
            lost += b.received.size() > before ? 0 : 1;
        }
        assertTrue(lost < 70, "the relay carries within 7 s, but " + lost + " of 150 were lost");
        assertEquals(EngineSnapshot.PathKind.RELAY, a.peer().path());
        assertTrue(a.peer().latencyNanos() >= 40 * MILLI, "the relay's latency is known");
        udpWorks = true;
        for (int i = 0; i < 100; i++) {
            a.sendTo(b);
            b.sendTo(a);
            run(100 * MILLI);
        }
        assertEquals(EngineSnapshot.PathKind.DIRECT, a.peer().path());
        assertEquals(EngineSnapshot.PathKind.DIRECT, b.peer().path());
    }

    @Test
    void usesTheRelayTooWhenDiscoPassesAndWireGuardDoesNot() {
        join();
        a.sendTo(b);
        run(2 * SECOND);
        wireGuardOverUdpWorks = false;
        for (int i = 0; i < 30; i++) {
            a.sendTo(b);
            b.sendTo(a);
            run(SECOND);
        }
        int before = b.received.size();
        a.sendTo(b);
        run(SECOND);
        assertEquals(before + 1, b.received.size());
        wireGuardOverUdpWorks = true;
        for (int i = 0; i < 10; i++) {
            a.sendTo(b);
            b.sendTo(a);
            run(SECOND);
        }
        assertEquals(
                EngineSnapshot.PathKind.DIRECT, a.peer().path(), "the suspicion ends with the first direct packet");
    }

    @Test
    void needsNoRelayWhereAddressesAreReached() {
        for (Agent agent : List.of(a, b)) {
            agent.engine.setUnixOffset(1_700_000_000L * SECOND);
            MeshPeer other = agent.other().record();
            agent.engine.applyPeers(
                    List.of(new MeshPeer(other.nodeKey(), other.discoKey(), 0, other.endpoints(), other.allowedIps())),
                    now);
        }
        a.sendTo(b);
        run(100 * MILLI);
        assertEquals(1, b.received.size(), "the handshake does not wait for WireGuard's retry");
        assertEquals(EngineSnapshot.PathKind.DIRECT, a.peer().path());
        assertEquals(0, a.relayed + b.relayed);
        // AF41 and no ECN, also where an address is only guessed or was only heard.
        assertEquals(Set.of(0x88), Set.copyOf(a.handshakeClasses));
        assertEquals(Set.of(0x88), Set.copyOf(b.handshakeClasses));
    }

    @Test
    void tellsASenderThatThereIsNoPeerOrNoWayToOne() {
        a.engine.setUnixOffset(1_700_000_000L * SECOND);
        a.sendTo(b);
        assertEquals(1, a.unreachable, "no such peer");
        var peer = a.engine.device().addPeer(b.key.publicKey(), now);
        a.engine.device().allowedIps().insert(b.inner, peer);
        a.sendTo(b);
        assertEquals(2, a.unreachable, "a peer without an endpoint");
        peer.setEndpoint(b.address);
        a.sendTo(b);
        assertEquals(2, a.unreachable);
    }

    /** The kernel answers for one way at a time: all other peers leave from where they did. */
    @Test
    void forgetsASourceThatTheWayToAPeerDoesNotBeginAtAnyMore() {
        SourceAddress from = new LocalSource(ip("192.0.2.1"), 3);
        Peer peer = plain(2, b.address, from);
        Peer sameWay = plain(3, b.address, from);
        Peer elsewhere = plain(4, new InetSocketAddress(ip("192.0.2.2"), 4711), from);
        Peer fromOther = plain(5, b.address, new LocalSource(ip("192.0.2.1"), 4));
        Peer nowhere = plain(6, null, from);

        a.engine.onSourceRefused(b.address, from);
        assertNull(peer.source());
        assertNull(sameWay.source());
        assertSame(from, elsewhere.source());
        assertSame(from, nowhere.source());
        assertNotNull(fromOther.source(), "it has found another one meanwhile");
    }

    private Peer plain(int seed, @Nullable InetSocketAddress endpoint, SourceAddress source) {
        Peer peer = a.engine
                .device()
                .addPeer(NodePrivateKey.generate(new Random(100 + seed)).publicKey(), now);
        peer.setEndpoint(endpoint);
        peer.setSource(source);
        return peer;
    }

    @Test
    void isSilentWhenNothingIsSent() {
        join();
        a.sendTo(b);
        run(600 * SECOND);
        int silent = a.relayed + b.relayed;
        run(3600 * SECOND);
        assertEquals(silent, a.relayed + b.relayed);
        assertTrue(events.isEmpty());
    }

    @Test
    void anUnusedPairHasNothingToDo() {
        join();
        run(10 * SECOND);
        assertEquals(Long.MAX_VALUE, a.engine.nextDeadlineNanos());
    }

    @Test
    void answersAUsersPingOverThePathInUse() {
        join();
        udpWorks = false;
        assertTrue(a.engine.ping(b.key.publicKey(), 7, now));
        run(SECOND);
        assertEquals(List.of(new PingAnswer(b.key.publicKey(), null, null, REGION, 40 * MILLI)), a.pings);
        udpWorks = true;
        run(15 * SECOND);
        assertTrue(a.engine.ping(b.key.publicKey(), 8, now));
        run(SECOND);
        assertEquals(new PingAnswer(b.key.publicKey(), b.address, null, 0, 10 * MILLI), a.pings.getLast());
        assertFalse(a.engine.ping(a.key.publicKey(), 9, now), "not a peer");
    }

    @Test
    void forgetsAPeerThatLeftTheMap() {
        join();
        a.sendTo(b);
        run(SECOND);
        a.engine.applyPeers(List.of(a.record()), now);
        assertEquals(List.of(), a.engine.snapshot(now).peers());
        a.sendTo(b);
        run(SECOND);
        assertEquals(1, b.received.size());
    }

    @Test
    void findsAPeerThatStartedAnewWithAnotherDiscoKey() {
        join();
        a.sendTo(b);
        run(SECOND);
        MeshPeer fresh = new MeshPeer(
                b.key.publicKey(),
                DiscoPrivateKey.generate(new Random(9)).publicKey(),
                REGION,
                List.of(b.address),
                List.of(b.inner));
        a.engine.applyPeers(List.of(fresh), now);
        assertEquals(EngineSnapshot.PathKind.RELAY, a.peer().path(), "what was proven does not hold for a new process");
    }

    @Test
    void countsWhatItCannotUse() {
        join();
        byte[] garbage = new byte[100];
        a.engine.onUdp(b.address, null, 0, MemorySegment.ofArray(garbage), 0, garbage.length, now);
        byte[] stun = new byte[20];
        stun[0] = 1;
        stun[1] = 1;
        byte[] cookie = {0x21, 0x12, (byte) 0xa4, 0x42};
        System.arraycopy(cookie, 0, stun, 4, 4);
        a.engine.onUdp(b.address, null, 0, MemorySegment.ofArray(stun), 0, stun.length, now);
        byte[] disco = {0x54, 0x53, (byte) 0xf0, (byte) 0x9f, (byte) 0x92, (byte) 0xac};
        byte[] unknown = Arrays.copyOf(disco, 120);
        a.engine.onUdp(b.address, null, 0, MemorySegment.ofArray(unknown), 0, unknown.length, now);
        a.engine.onUdp(b.address, null, 0, MemorySegment.ofArray(disco), 0, disco.length, now);
        var counters = a.engine.snapshot(now).counters();
        assertTrue(counters.getOrDefault(EngineCounter.DROPPED_UNKNOWN_DATAGRAM, 0L) >= 2, counters::toString);
        assertEquals(1L, counters.get(EngineCounter.DROPPED_UNKNOWN_DISCO));
    }

    @Test
    void aLocalPeerGoesByItsEndpointAndRoams() {
        @Nullable InetSocketAddress before = null;
        a.engine.setUnixOffset(1_700_000_000L * SECOND);
        b.engine.setUnixOffset(1_700_000_000L * SECOND);
        var peerOfA = a.engine.device().addPeer(b.key.publicKey(), now);
        peerOfA.setEndpoint(b.address);
        a.engine.device().allowedIps().insert(b.inner, peerOfA);
        var peerOfB = b.engine.device().addPeer(a.key.publicKey(), now);
        b.engine.device().allowedIps().insert(a.inner, peerOfB);
        assertEquals(before, peerOfB.endpoint());
        a.sendTo(b);
        run(SECOND);
        assertEquals(1, b.received.size());
        assertEquals(a.address, peerOfB.endpoint());
        assertNotNull(a.peer().direct());
        assertTrue(a.peer().local());
        assertFalse(MeshEngine.isManaged(peerOfA));
    }
}
