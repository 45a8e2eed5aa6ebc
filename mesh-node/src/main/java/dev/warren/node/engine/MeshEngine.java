package dev.warren.node.engine;

import dev.warren.node.path.PathAgent;
import dev.warren.node.path.Route;
import dev.warren.protocol.crypto.JdkPacketCipher;
import dev.warren.protocol.crypto.NaclBox;
import dev.warren.protocol.crypto.PacketCipher;
import dev.warren.protocol.disco.DiscoEnvelope;
import dev.warren.protocol.disco.TxId;
import dev.warren.protocol.key.DiscoPublicKey;
import dev.warren.protocol.key.NodePublicKey;
import dev.warren.protocol.udprelay.GeneveHeader;
import dev.warren.protocol.wireguard.Device;
import dev.warren.protocol.wireguard.IpPrefix;
import dev.warren.protocol.wireguard.Origin;
import dev.warren.protocol.wireguard.Peer;
import dev.warren.protocol.wireguard.SourceAddress;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * A whole agent without sockets, threads or clock: WireGuard ({@link Device}), a path agent for each of the
 * coordinator's peers, disco and STUN. Owned by one thread.
 *
 * <p>Peers added to {@link #device()} directly, as {@code wg set} does, have no path agent: they go by their endpoint
 * and roam as in plain WireGuard.
 */
public final class MeshEngine {
    /** What the engine wants done. Called during its methods on the caller's thread; must not call back. */
    public interface Ports {
        /** A datagram from WireGuard's socket; copied or sent before it returns. */
        void sendUdp(InetSocketAddress to, byte[] buffer, int offset, int length);

        /**
         * One of WireGuard's messages; copied or sent before the memory is used again.
         *
         * @param from which of our addresses it leaves from, null for whichever the route names
         * @param trafficClass of the outer IP header
         */
        default void sendUdp(
                InetSocketAddress to,
                @Nullable SourceAddress from,
                int trafficClass,
                MemorySegment memory,
                long offset,
                int length) {
            sendUdp(to, Arrival.copy(memory, offset, length), 0, length);
        }

        /** The same behind eight bytes more, which are {@code header}, big-endian. */
        default void sendUdp(InetSocketAddress to, long header, MemorySegment memory, long offset, int length) {
            ByteBuffer whole = ByteBuffer.allocate(Long.BYTES + length);
            whole.putLong(header).put(Arrival.copy(memory, offset, length));
            sendUdp(to, whole.array(), 0, whole.capacity());
        }

        /** A packet through the relay of a region; copied or sent before it returns. */
        void sendRelay(int region, NodePublicKey to, byte[] buffer, int offset, int length);

        /** One of WireGuard's messages through the relay of a region. */
        default void sendRelay(int region, NodePublicKey to, MemorySegment memory, long offset, int length) {
            sendRelay(region, to, Arrival.copy(memory, offset, length), 0, length);
        }

        /** An IP packet for this machine; taken over before the memory is used again. */
        void deliver(MemorySegment memory, long offset, int length);

        /** A packet of this machine's that has nowhere to go: whoever sent it may be told. */
        default void unreachable(MemorySegment memory, long offset, int length) {}

        /** Somebody is to look up a host name, and to tell {@link EndpointNames#found} or its failed(). */
        default void lookUp(String host) {}

        /** A host name has no address: told at the first failure in a row. {@code why} is a sentence. */
        default void hostUnknown(String host, String why) {}

        /** So many of the coordinator's peers have no place in the device: they were others, or not so many, before. */
        default void peersLeftOut(int count) {}

        /** Our own addresses, as peers should be told, have changed. */
        void endpointsChanged(List<InetSocketAddress> endpoints);

        /** We listen in another relay region from now on. */
        void homeRegionChanged(int region);

        /** A ping of {@link MeshEngine#ping} was answered. */
        void pingAnswered(long token, PingAnswer answer);
    }

    /** A data message without content, a keep-alive, has this length (WireGuard paper section 5.4.6). */
    static final int KEEPALIVE_LENGTH = 32;

    private final Ports ports;
    private final RandomGenerator random;
    private final NodePublicKey ownKey;
    private final Device device;
    private final DiscoExchange disco;
    private final UdpRelayExchange udpRelays;
    private final StunProber stun;
    private final HomeRegion home = new HomeRegion();
    private final Map<NodePublicKey, PeerPath> paths = new HashMap<>();
    private final EngineCounters counters = new EngineCounters();
    private final Origins origins = new Origins();
    private final EndpointNames names;
    private final PeersLeftOut leftOut;
    private final OwnEndpoints endpoints = new OwnEndpoints();
    private final NetworkChanges changes = new NetworkChanges(this::follow);
    private long pathDeadlineNanos = Long.MAX_VALUE;
    private long nowNanos;

    /** An engine without peers. */
    public MeshEngine(EngineConfig config, RandomGenerator random, Ports ports) {
        this(config, random, JdkPacketCipher.FACTORY, ports);
    }

    /** The same, with {@code ciphers} for WireGuard's data messages. */
    public MeshEngine(EngineConfig config, RandomGenerator random, PacketCipher.Factory ciphers, Ports ports) {
        this.random = random;
        this.ports = ports;
        this.ownKey = config.nodeKey().publicKey();
        this.device = new Device(
                config.nodeKey(),
                config.mtuBytes(),
                random,
                ciphers,
                new WireGuardOutput(this, ports, counters, random));
        this.names = new EndpointNames(device, ports, counters);
        this.leftOut = new PeersLeftOut(ports, counters);
        this.disco = new DiscoExchange(config, random, ports, counters);
        this.stun = new StunProber(random, new StunOutput());
        this.udpRelays = new UdpRelayExchange(config, random, ports, counters, disco, () -> !stun.isBlocked());
    }

    /** How far Unix time is ahead of the monotonic one, for WireGuard's timestamps. */
    public void setUnixOffset(long unixMinusMonotonicNanos) {
        device.setUnixOffset(unixMinusMonotonicNanos);
    }

    /** WireGuard's state: for the UAPI. */
    public Device device() {
        return device;
    }

    /** The peers whose endpoints are host names. */
    public EndpointNames names() {
        return names;
    }

    /** Whether the peer is the coordinator's, so that {@code wg set} may not change it. */
    public static boolean isManaged(Peer peer) {
        return peer.attachment() instanceof PeerPath;
    }

    /** Where the peer's datagrams go: a plain peer's endpoint, or a path that is trusted now; null for a relay. */
    public @Nullable InetSocketAddress directAddress(Peer peer) {
        if (peer.attachment() instanceof PeerPath path) {
            Route route = path.agent.route();
            return route.isTrusted(nowNanos) ? route.direct() : null;
        }
        return peer.endpoint();
    }

    // ------------------------------------------------------------------------------------------------- what comes in

    /** An IP packet from this machine; there are {@link Device#HEADROOM} and {@link Device#TAILROOM} around it. */
    public void onTun(MemorySegment memory, long offset, int length, long now) {
        nowNanos = now;
        device.sendPacket(memory, offset, length, now);
    }

    /**
     * A datagram from WireGuard's socket; its bytes may be changed.
     *
     * @param local which of our addresses it came to, null where that is not known
     * @param ecn the outer header's ECN bits
     */
    public void onUdp(
            InetSocketAddress from,
            @Nullable SourceAddress local,
            int ecn,
            MemorySegment memory,
            long offset,
            int length,
            long now) {
        nowNanos = now;
        if (Arrival.isData(memory, offset, length)) {
            count(EngineCounter.RECEIVED_DIRECT);
            device.receive(memory, offset, length, ecn, origins.direct(from, local), now);
        } else if (Arrival.isHandshake(memory, offset, length)) {
            count(EngineCounter.RECEIVED_DIRECT);
            device.receive(memory, offset, length, 0, origins.direct(from, local), now);
        } else if (Arrival.isRelayedData(memory, offset, length)) {
            count(EngineCounter.RECEIVED_UDP_RELAY);
            int size = length - GeneveHeader.LENGTH;
            Origin through = origins.through(from, Arrival.geneve(memory, offset));
            device.receive(memory, offset + GeneveHeader.LENGTH, size, ecn, through, now);
        } else {
            onOther(from, local, Arrival.copy(memory, offset, length), length, now);
        }
    }

    /** Works on one handshake message that waits ({@link Device#holdHandshakes}); false when none does. */
    public boolean workOnHandshake(long now) {
        nowNanos = now;
        return device.workOnHandshake(now);
    }

    /** Anything but data: rare, and small. */
    private void onOther(InetSocketAddress from, @Nullable SourceAddress local, byte[] buffer, int length, long now) {
        int offset = 0;
        if (DiscoEnvelope.looksLike(buffer, offset, length)) {
            touched(disco.receive(origins.direct(from, local), buffer, offset, length, now));
        } else if (StunProber.looksLikeAnswer(buffer, offset, length)) {
            if (!stun.receive(buffer, offset, length, from, now)) {
                count(EngineCounter.DROPPED_UNKNOWN_DATAGRAM);
            }
        } else if (Arrival.isWireGuard(buffer, offset, length)) {
            count(EngineCounter.RECEIVED_DIRECT);
            device.receive(MemorySegment.ofArray(buffer), offset, length, 0, origins.direct(from, local), now);
        } else if (GeneveHeader.looksLike(buffer, offset, length)) {
            onGeneve(from, buffer, offset, length);
        } else {
            count(EngineCounter.DROPPED_UNKNOWN_DATAGRAM);
        }
    }

    /** A datagram of a UDP relay, or of the peer through it. */
    private void onGeneve(InetSocketAddress from, byte[] buffer, int offset, int length) {
        long header = GeneveHeader.bits(buffer, offset);
        int at = offset + GeneveHeader.LENGTH;
        int size = length - GeneveHeader.LENGTH;
        if (GeneveHeader.isControl(header)) {
            touched(udpRelays.receiveControl(from, buffer, offset, length, nowNanos));
        } else if (DiscoEnvelope.looksLike(buffer, at, size)) {
            touched(disco.receive(origins.through(from, header), buffer, at, size, nowNanos));
        } else if (Arrival.isWireGuard(buffer, at, size)) {
            count(EngineCounter.RECEIVED_UDP_RELAY);
            device.receive(MemorySegment.ofArray(buffer), at, size, 0, origins.through(from, header), nowNanos);
        } else {
            count(EngineCounter.DROPPED_UNKNOWN_DATAGRAM);
        }
    }

    /** A packet that the relay of a region forwarded from {@code from}; its bytes may be changed. */
    public void onRelay(int region, NodePublicKey from, MemorySegment memory, long offset, int length, long now) {
        nowNanos = now;
        if (Arrival.isData(memory, offset, length) && !udpRelays.isFromRelay(region, from)) {
            count(EngineCounter.RECEIVED_RELAY);
            device.receive(memory, offset, length, 0, origins.relayed(region, from), now);
        } else {
            onOtherOfRelay(region, from, Arrival.copy(memory, offset, length), length, now);
        }
    }

    private void onOtherOfRelay(int region, NodePublicKey from, byte[] buffer, int length, long now) {
        int offset = 0;
        if (udpRelays.isFromRelay(region, from)) {
            touched(udpRelays.receive(region, buffer, offset, length, now));
        } else if (DiscoEnvelope.looksLike(buffer, offset, length)) {
            touched(disco.receive(origins.relayed(region, from), buffer, offset, length, now));
        } else if (Arrival.isWireGuard(buffer, offset, length)) {
            count(EngineCounter.RECEIVED_RELAY);
            device.receive(MemorySegment.ofArray(buffer), offset, length, 0, origins.relayed(region, from), now);
        } else {
            count(EngineCounter.DROPPED_UNKNOWN_DATAGRAM);
        }
    }

    /** The connection to a region's relay came up or went down. */
    public void onRelayState(int region, boolean connected, long now) {
        nowNanos = now;
        if (!connected) {
            udpRelays.withdrawn(region);
        }
        if (home.onRelayState(region, connected)) {
            ports.homeRegionChanged(home.region());
        }
    }

    /**
     * The relay of a region, with this node key, gives sessions of its UDP relay to who asks under this disco key; null:
     * it has none. Until the connection to it goes down.
     */
    public void onUdpRelay(int region, NodePublicKey relay, @Nullable DiscoPublicKey discoKey, long now) {
        nowNanos = now;
        udpRelays.offered(region, relay, discoKey);
    }

    /** The relay of a region says that a peer has left it. Its packets go on; WireGuard's timers decide. */
    public void onPeerGone(int region, NodePublicKey peer, long now) {
        nowNanos = now;
        PeerPath path = paths.get(peer);
        if (path != null && path.record.homeRegion() == 0 && path.relayRegion() == region) {
            path.heard(0);
        }
    }

    /** The kernel refused to send to these addresses. */
    public void onSendFailed(Set<InetSocketAddress> to, long now) {
        nowNanos = now;
        for (PeerPath path : paths.values()) {
            if (path.onSendFailed(to, now)) {
                touched(path);
            }
        }
    }

    /** What is sent to an address can not leave from {@code source} any more. */
    public void onSourceRefused(InetSocketAddress to, SourceAddress source) {
        for (Peer peer : device.peers()) {
            if (to.equals(peer.endpoint()) && source.equals(peer.source())) {
                peer.setSource(null);
            }
        }
    }

    // ------------------------------------------------------------------------------------------------ what is told us

    /** The addresses of this machine's interfaces with the socket's port. A change voids what was proven. */
    public void setLocalEndpoints(List<InetSocketAddress> local, long now) {
        nowNanos = now;
        NetworkChange change = endpoints.setLocal(local);
        publishEndpoints();
        if (!change.isNone()) {
            searchAnew(now);
        }
    }

    /**
     * The machine's network has changed, or it has slept; {@code local} are the addresses as for {@link
     * #setLocalEndpoints}. All that is known of ways to peers is found out anew, and they are shown where this agent is;
     * when changes follow each other closely, after a second for all of them.
     */
    public void networkChanged(NetworkChange change, List<InetSocketAddress> local, long now) {
        nowNanos = now;
        NetworkChange whole = change.and(endpoints.setLocal(local));
        publishEndpoints();
        changes.add(whole, now);
    }

    /** Whether a way leads into {@code block}: to where a peer is expected, to a STUN server, to a UDP relay in use. */
    public boolean hasWayInto(IpPrefix block) {
        return device.knownSources().isAnyIn(block)
                || stun.hasServerIn(block)
                || paths.values().stream().anyMatch(path -> path.isRelayedIn(block));
    }

    /** The interface came up, see {@link Device#up}. */
    public void deviceUp(long now) {
        nowNanos = now;
        device.up(now);
    }

    private void follow(NetworkChange change, long now) {
        searchAnew(now);
        names.networkChanged(now);
        device.announce(change.sleptNanos(), now);
    }

    private void searchAnew(long now) {
        stun.restart(now);
        for (PeerPath path : paths.values()) {
            path.agent.onNetworkChanged(now);
            path.udpRelay.onNetworkChanged(now);
            touched(path);
        }
    }

    /** The STUN servers by region, and the regions that have a relay. */
    public void applyRelays(
            SortedMap<Integer, List<InetSocketAddress>> stunServers, SortedSet<Integer> relayed, long now) {
        nowNanos = now;
        udpRelays.retain(relayed);
        if (home.onRegions(relayed)) {
            ports.homeRegionChanged(home.region());
        }
        stun.setServers(stunServers, relayed, now);
    }

    /** The coordinator's peers: new ones are added, others changed, those that are gone removed. */
    public void applyPeers(List<MeshPeer> peers, long now) {
        nowNanos = now;
        Map<NodePublicKey, MeshPeer> fresh = new LinkedHashMap<>();
        peers.forEach(peer -> fresh.putIfAbsent(peer.nodeKey(), peer));
        fresh.remove(ownKey);
        // Those who are gone go first, so that there is room for those who come.
        for (PeerPath path : List.copyOf(paths.values())) {
            if (!fresh.containsKey(path.key())) {
                remove(path);
                device.removePeer(path.key());
            }
        }
        fresh.values().forEach(this::apply);
        leftOut.end();
    }

    private void apply(MeshPeer record) {
        PeerPath path = paths.get(record.nodeKey());
        if (path != null && path.record.discoKey().equals(record.discoKey())) {
            List<IpPrefix> before = path.record.allowedIps();
            path.update(record, nowNanos);
            path.expect(device.knownSources());
            if (!before.equals(record.allowedIps())) {
                path.claim(device.allowedIps());
            }
            touched(path);
            return;
        }
        if (path != null) {
            // The peer's process has started anew: what was known of its addresses is not worth keeping.
            remove(path);
        }
        Peer known = device.peer(record.nodeKey());
        if (known == null && device.isFull()) {
            leftOut.add(record.nodeKey()); // far more than a coordinator serves: whoever comes first is in
            return;
        }
        add(record, known != null ? known : device.addPeer(record.nodeKey(), nowNanos));
    }

    private void add(MeshPeer record, Peer peer) {
        NaclBox box = disco.box(record.discoKey());
        AgentOutput output = new AgentOutput();
        UdpRelayExchange.Wishes relayed = udpRelays.new Wishes(home::region);
        PeerPath path = new PeerPath(
                record, peer, new PathAgent(random, output), udpRelays.agent(record.discoKey(), relayed), box);
        output.path = path;
        relayed.path = path;
        peer.setAttachment(path);
        path.expect(device.knownSources());
        paths.put(record.nodeKey(), path);
        disco.add(path);
        path.agent.setEndpoints(record.endpoints(), nowNanos);
        path.claim(device.allowedIps());
        touched(path);
    }

    private void remove(PeerPath path) {
        paths.remove(path.key());
        disco.remove(path);
        path.peer.setAttachment(null);
        path.forget(device.knownSources());
    }

    // -------------------------------------------------------------------------------------------------------- by time

    /**
     * Pings a peer over the path in use; {@link Ports#pingAnswered} tells of the answer. False: no such peer or way.
     */
    public boolean ping(NodePublicKey peer, long token, long now) {
        nowNanos = now;
        PeerPath path = paths.get(peer);
        if (path == null) {
            return false;
        }
        if (path.agent.onSent(false, now)) {
            touched(path);
        }
        return disco.userPing(path, token, now);
    }

    /** Does what is due. */
    public void poll(long now) {
        nowNanos = now;
        changes.poll(now);
        device.poll(now);
        names.poll(now);
        if (now >= pathDeadlineNanos) {
            pathDeadlineNanos = Long.MAX_VALUE;
            for (PeerPath path : paths.values()) {
                path.poll(now);
                touched(path);
            }
        }
        // Last: what was due before may want fresh addresses at once.
        stun.poll(now);
    }

    /** When {@link #poll} has something to do next; {@code Long.MAX_VALUE} for never. */
    public long nextDeadlineNanos() {
        long plain = Math.min(device.nextDeadlineNanos(), names.nextDeadlineNanos());
        long paths = Math.min(pathDeadlineNanos, changes.nextDeadlineNanos());
        return Math.min(plain, Math.min(paths, stun.nextDeadlineNanos()));
    }

    /** How all is now. */
    public EngineSnapshot snapshot(long now) {
        List<EngineSnapshot.Peer> all = new ArrayList<>();
        for (Peer peer : device.peers()) {
            all.add(peer.attachment() instanceof PeerPath path ? path.snapshot(now) : EngineSnapshot.plain(peer));
        }
        return new EngineSnapshot(
                all, endpoints.all(), home.region(), stun.mappingVaries(), counters.values(), device.drops());
    }

    private void touched(@Nullable PeerPath path) {
        if (path != null) {
            pathDeadlineNanos = Math.min(pathDeadlineNanos, path.nextDeadlineNanos(nowNanos));
        }
    }

    /** The time of the call that is being handled. */
    long nowNanos() {
        return nowNanos;
    }

    /** A message is about to go to the peer; {@code content} when WireGuard will answer it. */
    void sending(PeerPath path, boolean content) {
        stun.active(nowNanos);
        if (path.agent.onSent(content, nowNanos)) {
            touched(path);
        }
    }

    /** Pings the peer over DERP. */
    void pingRelay(PeerPath path, TxId id) {
        disco.pingRelay(path, id);
    }

    // ---------------------------------------------------------------------------------------------- our own addresses

    private void callMeMaybe(PeerPath path) {
        if (stun.isFresh(nowNanos)) {
            path.callPending = false;
            disco.callMeMaybe(path, endpoints.all());
        } else {
            path.callPending = true;
            stun.refresh(nowNanos);
        }
    }

    private void sendPendingCalls() {
        for (PeerPath path : paths.values()) {
            if (path.callPending) {
                path.callPending = false;
                disco.callMeMaybe(path, endpoints.all());
            }
        }
    }

    private void publishEndpoints() {
        if (endpoints.update(stun.mapped())) {
            ports.endpointsChanged(endpoints.all());
        }
    }

    private void count(EngineCounter counter) {
        counters.add(counter);
    }

    // -------------------------------------------------------------------------------------------------------- outputs

    private final class AgentOutput implements PathAgent.Output {
        @SuppressWarnings("NullAway.Init") // set before the agent is first used
        PeerPath path;

        @Override
        public void ping(InetSocketAddress to, TxId id) {
            disco.ping(path, id, to);
        }

        @Override
        public void callMeMaybe() {
            MeshEngine.this.callMeMaybe(path);
        }
    }

    private final class StunOutput implements StunProber.Output {
        @Override
        public void send(InetSocketAddress to, byte[] request) {
            ports.sendUdp(to, request, 0, request.length);
        }

        @Override
        public void mappedChanged() {
            publishEndpoints();
            sendPendingCalls();
        }

        @Override
        public void roundEnded(Map<Integer, Long> latencyNanos) {
            sendPendingCalls();
            if (home.onLatencies(latencyNanos)) {
                ports.homeRegionChanged(home.region());
            }
        }
    }
}
