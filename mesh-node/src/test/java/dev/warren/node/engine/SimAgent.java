package dev.warren.node.engine;

import dev.warren.protocol.key.DiscoPrivateKey;
import dev.warren.protocol.key.NodePrivateKey;
import dev.warren.protocol.key.NodePublicKey;
import dev.warren.protocol.simulation.Host;
import dev.warren.protocol.simulation.SimRelay;
import dev.warren.protocol.simulation.Timeline;
import dev.warren.protocol.wireguard.Device;
import dev.warren.protocol.wireguard.IpPrefix;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * A {@link MeshEngine} on a simulated host. Its inner packets carry a number, so that it is known which ones arrived.
 */
final class SimAgent implements MeshEngine.Ports, SimRelay.Client, Timeline.Actor {
    static final int PORT = 41_641;
    private static final int IPV4_HEADER = 20;
    private static final int INNER_MTU = 1280;

    final Host host;
    final NodePrivateKey key;
    final DiscoPrivateKey disco;
    final IpPrefix inner;
    final MeshEngine engine;
    /** The numbers of the packets that came out of the tunnel. */
    final BitSet received = new BitSet();

    final List<PingAnswer> pings = new ArrayList<>();
    int duplicates;
    private final SimMesh mesh;
    private final Timeline time;
    private List<InetSocketAddress> endpoints = List.of();
    private static final ValueLayout.OfInt NUMBER = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

    private int homeRegion;
    private boolean running = true;

    SimAgent(SimMesh mesh, Host host, NodePrivateKey key, IpPrefix inner, RandomGenerator random) {
        this.mesh = mesh;
        this.host = host;
        this.key = key;
        this.inner = inner;
        this.time = mesh.network.time();
        this.disco = DiscoPrivateKey.generate(random);
        this.engine = new MeshEngine(new EngineConfig(key, disco, INNER_MTU), random, this);
        engine.setUnixOffset(SimMesh.UNIX_OFFSET_NANOS);
        host.bind(
                PORT,
                (source, payload, now) ->
                        engine.onUdp(source, null, 0, MemorySegment.ofArray(payload), 0, payload.length, now));
        time.add(this);
        interfacesChanged();
    }

    /** The process ends without a word. */
    void kill() {
        running = false;
        time.remove(this);
        host.close(PORT);
    }

    /** The host has other addresses than before. */
    void interfacesChanged() {
        engine.networkChanged(NetworkChange.NONE, host.endpoints(PORT), time.nowNanos());
    }

    NodePublicKey publicKey() {
        return key.publicKey();
    }

    int homeRegion() {
        return homeRegion;
    }

    /** As the coordinator hands it out now. */
    MeshPeer record() {
        return new MeshPeer(publicKey(), disco.publicKey(), homeRegion, endpoints, List.of(inner));
    }

    /** How the peer is reached now. */
    EngineSnapshot.Peer peer(SimAgent other) {
        return engine.snapshot(time.nowNanos()).peers().stream()
                .filter(peer -> peer.key().equals(other.publicKey()))
                .findFirst()
                .orElseThrow();
    }

    boolean isRelayedByUdpTo(SimAgent other) {
        return peer(other).path() == EngineSnapshot.PathKind.UDP_RELAY;
    }

    boolean isDirectTo(SimAgent other) {
        return peer(other).path() == EngineSnapshot.PathKind.DIRECT;
    }

    /** Puts the packet with this number (RFC 791 section 3.1; the rest zero) into the tunnel. */
    void send(SimAgent to, int number, int length) {
        byte[] buffer = new byte[Device.HEADROOM + length + Device.TAILROOM];
        ByteBuffer packet = ByteBuffer.wrap(buffer, Device.HEADROOM, length).slice();
        packet.put(0, (byte) 0x45).putShort(2, (short) length);
        packet.put(12, inner.address().getAddress()).put(16, to.inner.address().getAddress());
        packet.putInt(IPV4_HEADER, number);
        engine.onTun(MemorySegment.ofArray(buffer), Device.HEADROOM, length, time.nowNanos());
    }

    @Override
    public void sendUdp(InetSocketAddress to, byte[] buffer, int offset, int length) {
        host.send(PORT, to, buffer, offset, length);
    }

    @Override
    public void sendRelay(int region, NodePublicKey to, byte[] buffer, int offset, int length) {
        mesh.findRelay(region).ifPresent(relay -> relay.send(publicKey(), to, buffer, offset, length));
    }

    @Override
    public void deliver(MemorySegment memory, long offset, int length) {
        int number = memory.get(NUMBER, offset + IPV4_HEADER);
        duplicates += received.get(number) ? 1 : 0;
        received.set(number);
    }

    @Override
    public void endpointsChanged(List<InetSocketAddress> changed) {
        endpoints = changed;
        mesh.recordsChanged();
    }

    @Override
    public void homeRegionChanged(int region) {
        homeRegion = region;
        mesh.recordsChanged();
    }

    @Override
    public void pingAnswered(long token, PingAnswer answer) {
        pings.add(answer);
    }

    @Override
    public void relayState(int region, boolean connected, long nowNanos) {
        if (running) {
            mesh.udpRelay(region)
                    .filter(_ -> connected)
                    .ifPresent(relay -> engine.onUdpRelay(region, relay.key(), relay.discoKey(), nowNanos));
            engine.onRelayState(region, connected, nowNanos);
        }
    }

    @Override
    public void relayPacket(int region, NodePublicKey from, byte[] payload, long nowNanos) {
        if (running) {
            engine.onRelay(region, from, MemorySegment.ofArray(payload), 0, payload.length, nowNanos);
        }
    }

    @Override
    public void peerGone(int region, NodePublicKey peer, long nowNanos) {
        if (running) {
            engine.onPeerGone(region, peer, nowNanos);
        }
    }

    @Override
    public long nextDeadlineNanos() {
        return engine.nextDeadlineNanos();
    }

    @Override
    public void poll(long nowNanos) {
        engine.poll(nowNanos);
    }

    /** The inner address without its prefix length, for messages. */
    InetAddress address() {
        return inner.address();
    }

    @Override
    public String toString() {
        return host.name();
    }
}
