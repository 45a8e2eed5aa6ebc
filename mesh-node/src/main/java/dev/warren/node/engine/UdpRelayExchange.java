package dev.warren.node.engine;

import dev.warren.node.path.UdpRelayAgent;
import dev.warren.protocol.crypto.NaclBox;
import dev.warren.protocol.disco.Challenge;
import dev.warren.protocol.disco.DiscoEnvelope;
import dev.warren.protocol.disco.DiscoMessage;
import dev.warren.protocol.disco.DiscoMessage.AllocateRequest;
import dev.warren.protocol.disco.DiscoMessage.AllocateResponse;
import dev.warren.protocol.disco.DiscoMessage.BindAnswer;
import dev.warren.protocol.disco.DiscoMessage.BindChallenge;
import dev.warren.protocol.disco.DiscoMessage.BindRequest;
import dev.warren.protocol.disco.DiscoMessage.Binding;
import dev.warren.protocol.disco.DiscoPair;
import dev.warren.protocol.disco.RelaySession;
import dev.warren.protocol.disco.TxId;
import dev.warren.protocol.key.DiscoPrivateKey;
import dev.warren.protocol.key.DiscoPublicKey;
import dev.warren.protocol.key.NodePublicKey;
import dev.warren.protocol.udprelay.GeneveHeader;
import dev.warren.protocol.udprelay.RelayPath;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import java.util.function.IntSupplier;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Disco with UDP relays: asks those of our DERP connections for sessions, and binds our end of them, also at relays that
 * only the peer knows.
 */
final class UdpRelayExchange {
    /** The boxes with so many relays are kept. */
    private static final int MAX_BOXES = 64;

    private static final float LOAD = 0.75f;

    private record Offer(NodePublicKey relay, DiscoPublicKey disco) {}

    private final DiscoPrivateKey key;
    private final DiscoPublicKey publicKey;
    private final RandomGenerator random;
    private final MeshEngine.Ports ports;
    private final EngineCounters counters;
    private final DiscoExchange disco;
    private final BooleanSupplier udpWorks;
    private final SortedMap<Integer, Offer> offers = new TreeMap<>();
    /** Those of the offers: a look-up by region would box its number, for every packet. */
    private Set<NodePublicKey> relays = Set.of();

    private final Map<DiscoPublicKey, NaclBox> boxes = new LinkedHashMap<>(MAX_BOXES, LOAD, true);

    UdpRelayExchange(
            EngineConfig config,
            RandomGenerator random,
            MeshEngine.Ports ports,
            EngineCounters counters,
            DiscoExchange disco,
            BooleanSupplier udpWorks) {
        this.key = config.discoKey();
        this.publicKey = key.publicKey();
        this.random = random;
        this.ports = ports;
        this.counters = counters;
        this.disco = disco;
        this.udpWorks = udpWorks;
    }

    /** The relay of a region, with this node key, gives sessions under this disco key; null: it gives none. */
    void offered(int region, NodePublicKey relay, @Nullable DiscoPublicKey relayDisco) {
        if (relayDisco == null) {
            withdrawn(region);
        } else {
            offers.put(region, new Offer(relay, relayDisco));
            noteRelays();
        }
    }

    /** There is no connection to the region any more. */
    void withdrawn(int region) {
        offers.remove(region);
        noteRelays();
    }

    /** Only these regions are in the map now. */
    void retain(Set<Integer> regions) {
        if (offers.keySet().retainAll(regions)) {
            noteRelays();
        }
    }

    private void noteRelays() {
        relays = offers.values().stream().map(Offer::relay).collect(Collectors.toUnmodifiableSet());
    }

    /** The agent for a peer, whose path is told by {@link Wishes#path} before it is used. */
    UdpRelayAgent agent(DiscoPublicKey peer, Wishes output) {
        return new UdpRelayAgent(publicKey, peer, random, output);
    }

    /** Whether the packet came from the relay itself, and so is for {@link #receive}. */
    boolean isFromRelay(int region, NodePublicKey client) {
        if (!relays.contains(client)) {
            return false;
        }
        Offer offer = offers.get(region);
        return offer != null && offer.relay().equals(client);
    }

    /** Takes a packet of a relay itself; the path that it concerns, or null when it was of no use. */
    @Nullable
    PeerPath receive(int region, byte[] buffer, int offset, int length, long nowNanos) {
        Offer offer = offers.get(region);
        if (offer != null
                && isFrom(offer.disco(), buffer, offset, length)
                && DiscoEnvelope.open(box(offer.disco()), buffer, offset, length) instanceof AllocateResponse response
                && response.session().server().equals(offer.disco())
                && response.session().clients().contains(publicKey)) {
            PeerPath path = disco.path(response.session().clients().other(publicKey));
            if (path != null && path.udpRelay.onAllocated(response.generation(), response.session(), nowNanos)) {
                return path;
            }
        }
        counters.add(EngineCounter.DROPPED_BAD_DISCO);
        return null;
    }

    /** Takes a datagram with a control header; the path that it concerns, or null when it was of no use. */
    @Nullable
    PeerPath receiveControl(InetSocketAddress from, byte[] buffer, int offset, int length, long nowNanos) {
        int vni = GeneveHeader.vni(GeneveHeader.bits(buffer, offset));
        int at = offset + GeneveHeader.LENGTH;
        int size = length - GeneveHeader.LENGTH;
        if (size >= DiscoEnvelope.OVERHEAD && DiscoEnvelope.looksLike(buffer, at, size)) {
            DiscoPublicKey server = DiscoEnvelope.sender(buffer, at);
            PeerPath path = disco.pathIn(server, vni);
            if (path != null
                    && DiscoEnvelope.open(box(server), buffer, at, size) instanceof BindChallenge challenge
                    && challenge.binding().vni() == vni) {
                path.udpRelay.onChallenge(from, challenge.binding(), challenge.challenge(), nowNanos);
                return path;
            }
        }
        counters.add(EngineCounter.DROPPED_BAD_DISCO);
        return null;
    }

    private static boolean isFrom(DiscoPublicKey server, byte[] buffer, int offset, int length) {
        return length >= DiscoEnvelope.OVERHEAD
                && DiscoEnvelope.sender(buffer, offset).equals(server);
    }

    private NaclBox box(DiscoPublicKey server) {
        NaclBox box = boxes.computeIfAbsent(server, theirs -> NaclBox.between(key, theirs));
        if (boxes.size() > MAX_BOXES) {
            boxes.remove(boxes.keySet().iterator().next());
        }
        return box;
    }

    private boolean allocate(PeerPath path, DiscoPair clients, int generation, int homeRegion) {
        if (!udpWorks.getAsBoolean() || offers.isEmpty()) {
            return false;
        }
        // Ours first: we are connected there for good. Then the peer's, whose connection it keeps.
        int region = offers.containsKey(homeRegion) ? homeRegion : path.relayRegion();
        region = offers.containsKey(region) ? region : offers.firstKey();
        Offer offer = offers.get(region);
        if (offer == null) {
            return false;
        }
        byte[] sealed =
                DiscoEnvelope.seal(box(offer.disco()), publicKey, new AllocateRequest(clients, generation), random);
        ports.sendRelay(region, offer.relay(), sealed, 0, sealed.length);
        return true;
    }

    private void control(RelaySession session, DiscoMessage message, InetSocketAddress to) {
        byte[] sealed = DiscoEnvelope.seal(box(session.server()), publicKey, message, random);
        long header = GeneveHeader.bits(true, GeneveHeader.DISCO, session.vni());
        ports.sendUdp(to, header, MemorySegment.ofArray(sealed), 0, sealed.length);
    }

    /** What the agent of one path wants. */
    final class Wishes implements UdpRelayAgent.Output {
        private final IntSupplier homeRegion;

        @SuppressWarnings("NullAway.Init") // set before the agent is first used
        PeerPath path;

        Wishes(IntSupplier homeRegion) {
            this.homeRegion = homeRegion;
        }

        @Override
        public boolean allocate(DiscoPair clients, int generation) {
            return UdpRelayExchange.this.allocate(path, clients, generation, homeRegion.getAsInt());
        }

        @Override
        public void callMeMaybeVia(RelaySession session) {
            disco.callMeMaybeVia(path, session);
        }

        @Override
        public void bind(RelaySession session, Binding binding, InetSocketAddress to) {
            control(session, new BindRequest(binding), to);
        }

        @Override
        public void answer(RelaySession session, Binding binding, Challenge challenge, InetSocketAddress to) {
            control(session, new BindAnswer(binding, challenge), to);
        }

        @Override
        public void ping(RelayPath through, TxId id) {
            disco.ping(path, id, through);
        }
    }
}
