package dev.warren.loadtest.bench;

import dev.warren.node.engine.EngineConfig;
import dev.warren.node.engine.MeshEngine;
import dev.warren.node.engine.MeshPeer;
import dev.warren.node.engine.PingAnswer;
import dev.warren.protocol.crypto.PacketCipher;
import dev.warren.protocol.key.DiscoPrivateKey;
import dev.warren.protocol.key.NodePrivateKey;
import dev.warren.protocol.key.NodePublicKey;
import dev.warren.protocol.wireguard.Device;
import dev.warren.protocol.wireguard.IpPrefix;
import dev.warren.protocol.wireguard.SourceAddress;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * A whole agent's engine with one peer, without sockets, in one thread. While it connects, what both send is carried from
 * one to the other; then it only remembers where the message lies that it sent last.
 */
final class AgentEnd implements MeshEngine.Ports {
    private static final int REGION = 900;
    private static final long STEP_NANOS = 10_000_000L;
    /** Two seconds: handshake and path are there after a tenth of it. */
    private static final int STEPS = 200;

    private final NodePublicKey key;
    private final DiscoPrivateKey disco;
    private final InetSocketAddress address;
    private final IpPrefix inner;
    private final Way way;
    private final MeshEngine engine;
    private final Queue<Arrival> onTheWay = new ArrayDeque<>();
    private boolean connecting = true;

    @SuppressWarnings("NullAway.Init") // set before anything is sent
    private RelayInTheMiddle middle;

    private MemorySegment sent = MemorySegment.NULL;
    private long sentAt;
    private int sentLength;
    private int directCount;
    private int udpRelayedCount;
    private long sentHeader;
    private int relayedCount;
    private long deliveredBytes;

    /** What is between the two. */
    enum Way {
        /** Datagrams arrive. */
        DIRECT,
        /** They arrive at a UDP relay only. */
        UDP_RELAY,
        /** None arrives anywhere. */
        RELAY
    }

    private record Arrival(boolean relayed, ByteBuffer message) {}

    private AgentEnd(int number, Way way, RandomGenerator random, PacketCipher.Factory ciphers) {
        NodePrivateKey privateKey = NodePrivateKey.generate(random);
        this.key = privateKey.publicKey();
        this.disco = DiscoPrivateKey.generate(random);
        this.address = new InetSocketAddress("192.0.2." + number, 41641);
        this.inner = IpPrefix.parse("10.0.0." + number + "/32");
        this.way = way;
        this.engine = new MeshEngine(new EngineConfig(privateKey, disco, WireGuardEnd.MTU), random, ciphers, this);
    }

    /** Two ends with a session and this between them. */
    static AgentEnd[] connected(Way way, RandomGenerator random, PacketCipher.Factory ciphers) {
        AgentEnd[] ends = {new AgentEnd(1, way, random, ciphers), new AgentEnd(2, way, random, ciphers)};
        RelayInTheMiddle middle = new RelayInTheMiddle(random);
        List<MeshPeer> records = List.of(ends[0].record(), ends[1].record());
        for (AgentEnd end : ends) {
            end.engine.setUnixOffset(1_795_305_600_000_000_000L);
            end.engine.setLocalEndpoints(List.of(end.address), STEP_NANOS);
            end.engine.applyRelays(new TreeMap<>(Map.of(REGION, List.of())), new TreeSet<>(Set.of(REGION)), STEP_NANOS);
            end.middle = middle;
            if (way == Way.UDP_RELAY) {
                end.engine.onUdpRelay(REGION, middle.key(), middle.discoKey(), STEP_NANOS);
            }
            end.engine.onRelayState(REGION, true, STEP_NANOS);
            end.engine.applyPeers(records, STEP_NANOS);
        }
        ends[0].send(WireGuardEnd.packet(64), STEP_NANOS);
        for (int step = 1; step <= STEPS; step++) {
            long nowNanos = step * STEP_NANOS;
            if (step == STEPS / 2) {
                // What the right end sends itself shows the left one that the way there is free, too.
                ends[1].send(reversed(WireGuardEnd.packet(64)), nowNanos);
            }
            ends[0].turn(ends[1], nowNanos);
            ends[1].turn(ends[0], nowNanos);
        }
        ends[0].connecting = false;
        ends[1].connecting = false;
        return ends;
    }

    /** Swaps source and destination of an IPv4 packet (RFC 791 section 3.1), whose checksum stays right. */
    private static MemorySegment reversed(MemorySegment packet) {
        long at = Device.HEADROOM + 12L;
        byte[] source = packet.asSlice(at, 4).toArray(ValueLayout.JAVA_BYTE);
        MemorySegment.copy(packet, at + 4, packet, at, 4);
        MemorySegment.copy(source, 0, packet, ValueLayout.JAVA_BYTE, at + 4, 4);
        return packet;
    }

    /** The time when {@link #connected} was done. */
    static long connectedNanos() {
        return STEPS * STEP_NANOS;
    }

    private MeshPeer record() {
        return new MeshPeer(key, disco.publicKey(), REGION, List.of(address), List.of(inner));
    }

    private void turn(AgentEnd other, long nowNanos) {
        engine.poll(nowNanos);
        for (byte[] answer = middle.forClient(key); answer != null; answer = middle.forClient(key)) {
            engine.onRelay(REGION, middle.key(), MemorySegment.ofArray(answer), 0, answer.length, nowNanos);
        }
        for (byte[] datagram = middle.forAddress(address); datagram != null; datagram = middle.forAddress(address)) {
            udp(RelayInTheMiddle.ADDRESS, MemorySegment.ofArray(datagram), nowNanos);
        }
        for (Arrival next = other.onTheWay.poll(); next != null; next = other.onTheWay.poll()) {
            take(next.relayed(), MemorySegment.ofArray(next.message().array()), other, nowNanos);
        }
    }

    /** Sends what {@link WireGuardEnd#packet} made, as if the TUN had delivered it. */
    void send(MemorySegment packet, long nowNanos) {
        int length = (int) packet.byteSize() - Device.HEADROOM - Device.TAILROOM;
        engine.onTun(packet, Device.HEADROOM, length, nowNanos);
    }

    /** Takes a message of {@code other}, which is opened in place. */
    void take(boolean relayed, MemorySegment message, AgentEnd other, long nowNanos) {
        if (relayed) {
            engine.onRelay(REGION, other.key, message, 0, (int) message.byteSize(), nowNanos);
        } else {
            udp(way == Way.UDP_RELAY ? RelayInTheMiddle.ADDRESS : other.address, message, nowNanos);
        }
    }

    private void udp(InetSocketAddress from, MemorySegment datagram, long nowNanos) {
        engine.onUdp(from, null, 0, datagram, 0, (int) datagram.byteSize(), nowNanos);
    }

    /** A copy of what was sent last, which must be the last thing that was done. */
    byte[] copySent() {
        return sent.asSlice(sentAt, sentLength).toArray(ValueLayout.JAVA_BYTE);
    }

    /** The same behind the header with which it was sent to the UDP relay. */
    byte[] copySentToUdpRelay() {
        return ByteBuffer.allocate(Long.BYTES + sentLength)
                .putLong(sentHeader)
                .put(copySent())
                .array();
    }

    /** How many datagrams it sent to the UDP relay. */
    int udpRelayedCount() {
        return udpRelayedCount;
    }

    /** How many datagrams it sent. */
    int directCount() {
        return directCount;
    }

    /** How many packets it sent through the relay. */
    int relayedCount() {
        return relayedCount;
    }

    /** Bytes of packets for the TUN so far. */
    long deliveredBytes() {
        return deliveredBytes;
    }

    @Override
    public void sendUdp(InetSocketAddress to, byte[] buffer, int offset, int length) {
        directCount++;
        note(false, MemorySegment.ofArray(buffer), offset, length);
    }

    @Override
    public void sendUdp(
            InetSocketAddress to,
            @Nullable SourceAddress from,
            int trafficClass,
            MemorySegment memory,
            long offset,
            int length) {
        directCount++;
        note(false, memory, offset, length);
    }

    @Override
    public void sendUdp(InetSocketAddress to, long header, MemorySegment memory, long offset, int length) {
        udpRelayedCount++;
        sent = memory;
        sentAt = offset;
        sentLength = length;
        sentHeader = header;
        if (connecting) {
            middle.receive(address, copySentToUdpRelay());
        }
    }

    @Override
    public void sendRelay(int region, NodePublicKey to, byte[] buffer, int offset, int length) {
        if (to.equals(middle.key())) {
            middle.request(key, Arrays.copyOfRange(buffer, offset, offset + length));
            return;
        }
        relayedCount++;
        note(true, MemorySegment.ofArray(buffer), offset, length);
    }

    @Override
    public void sendRelay(int region, NodePublicKey to, MemorySegment memory, long offset, int length) {
        relayedCount++;
        note(true, memory, offset, length);
    }

    private void note(boolean relayed, MemorySegment memory, long offset, int length) {
        sent = memory;
        sentAt = offset;
        sentLength = length;
        if (connecting && (relayed || way == Way.DIRECT)) {
            onTheWay.add(new Arrival(relayed, ByteBuffer.wrap(copySent())));
        }
    }

    @Override
    public void deliver(MemorySegment memory, long offset, int length) {
        deliveredBytes += length;
    }

    @Override
    public void endpointsChanged(List<InetSocketAddress> endpoints) {}

    @Override
    public void homeRegionChanged(int region) {}

    @Override
    public void pingAnswered(long token, PingAnswer answer) {}
}
