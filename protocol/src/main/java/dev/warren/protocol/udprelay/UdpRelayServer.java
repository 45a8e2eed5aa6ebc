package dev.warren.protocol.udprelay;

import dev.warren.protocol.crypto.NaclBox;
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
import dev.warren.protocol.key.DiscoPrivateKey;
import dev.warren.protocol.key.DiscoPublicKey;
import dev.warren.protocol.key.NodePublicKey;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * A UDP relay without its socket (derp.md sections 9 and 11): gives sessions to clients that ask over DERP, lets both
 * bind their ends in a three-way handshake, and says where each datagram goes. Owned by one thread.
 *
 * <p>Nothing but a challenge goes to an address that has not sent one back, and a challenge is as long as what asked for
 * it. {@link #receive} allocates nothing.
 */
public final class UdpRelayServer {
    /** X25519 costs some 0.1 ms: a client that asks more often than this is not answered. */
    private static final int ALLOCATIONS_PER_SECOND = 16;

    private static final int ALLOCATION_BURST = 128;
    /** The boxes and the rates of so many clients are kept. */
    private static final int REMEMBERED = 4_096;

    private final DiscoPrivateKey key;
    private final DiscoPublicKey publicKey;
    private final UdpRelayLimits limits;
    private final RandomGenerator random;
    private final Challenger challenger;
    private final SessionTable sessions;
    private final Map<NodePublicKey, Integer> owners = new HashMap<>();
    private final Map<InetAddress, Integer> addresses = new HashMap<>();
    private final LeastRecent<NodePublicKey, TokenBucket> rates = new LeastRecent<>(REMEMBERED);
    private final LeastRecent<DiscoPublicKey, NaclBox> boxes = new LeastRecent<>(REMEMBERED);
    private final List<InetSocketAddress> ownAddresses;
    private long lamportId;
    private int openSessions;
    private long ended;
    private @Nullable InetSocketAddress destination;
    private byte[] answer = new byte[0];

    /**
     * A relay without sessions.
     *
     * @param ownAddresses where clients find it; at least one
     * @param lamportId what the first session's is above: higher with each start under one key, such as Unix time
     */
    public UdpRelayServer(
            DiscoPrivateKey key,
            List<InetSocketAddress> ownAddresses,
            UdpRelayLimits limits,
            long lamportId,
            RandomGenerator random,
            long nowNanos) {
        this.key = key;
        this.publicKey = key.publicKey();
        this.ownAddresses = List.copyOf(ownAddresses);
        this.limits = limits;
        this.lamportId = lamportId;
        this.random = random;
        this.challenger = new Challenger(random, nowNanos);
        this.sessions = new SessionTable(limits.sessions(), random.nextInt(RelaySession.HIGHEST_VNI));
    }

    /** Sessions, bound or not. */
    public int sessionCount() {
        return sessions.size();
    }

    /** Sessions both of whose ends have been bound. */
    public int openSessionCount() {
        return openSessions;
    }

    /** Sessions that have ended so far. */
    public long endedSessions() {
        return ended;
    }

    // ------------------------------------------------------------------------------------------------------ over DERP

    /** A packet to the relay itself, from the client with this key, to whom {@link #answer} is due if there is one. */
    public Allocation allocate(NodePublicKey client, byte[] packet, int offset, int length, long nowNanos) {
        poll(nowNanos);
        TokenBucket rate = rates.get(client, _ -> new TokenBucket(ALLOCATIONS_PER_SECOND, ALLOCATION_BURST));
        if (!rate.take(1, nowNanos)) {
            return Allocation.TOO_OFTEN;
        }
        if (length < DiscoEnvelope.OVERHEAD || !DiscoEnvelope.looksLike(packet, offset, length)) {
            return Allocation.BAD_REQUEST;
        }
        DiscoPublicKey sender = DiscoEnvelope.sender(packet, offset);
        NaclBox box = box(sender);
        if (!(DiscoEnvelope.open(box, packet, offset, length) instanceof AllocateRequest request)
                || !isFor(request.clients(), sender)) {
            return Allocation.BAD_REQUEST;
        }
        Session known = sessions.find(request.clients(), nowNanos);
        if (known != null) {
            known.askedBy(client);
            return allocated(Allocation.REPEATED, box, request, known);
        }
        if (sessions.size() >= limits.sessions()) {
            return Allocation.RELAY_FULL;
        }
        if (owners.getOrDefault(client, 0) >= limits.sessionsPerClient()) {
            return Allocation.CLIENT_FULL;
        }
        Session session = new Session(
                sessions.nextVni(), request.clients(), client, ++lamportId, limits.bytesPerSecond(), nowNanos);
        sessions.add(session);
        owners.merge(client, 1, Integer::sum);
        return allocated(Allocation.CREATED, box, request, session);
    }

    private boolean isFor(DiscoPair clients, DiscoPublicKey sender) {
        return clients.contains(sender) && !clients.isSelf() && !clients.contains(publicKey);
    }

    private Allocation allocated(Allocation outcome, NaclBox box, AllocateRequest request, Session session) {
        RelaySession described = new RelaySession(
                publicKey,
                session.clients,
                session.lamportId,
                session.vni,
                Session.BIND_LIFETIME,
                Session.STEADY_LIFETIME,
                ownAddresses);
        DiscoMessage response = new AllocateResponse(request.generation(), described);
        answer = DiscoEnvelope.seal(box, publicKey, response, random);
        return outcome;
    }

    // ------------------------------------------------------------------------------------------------------- over UDP

    /**
     * A datagram of {@code length} bytes, the first eight of which are {@code header}. For {@link Disposition#FORWARDED}
     * it goes on to {@link #destination}; for {@link Disposition#CONTROL} {@link #control} is to be asked.
     */
    public Disposition receive(InetSocketAddress from, long header, int length, long nowNanos) {
        if (length < GeneveHeader.LENGTH || !GeneveHeader.isHeader(header)) {
            return Disposition.NOT_OURS;
        }
        if (GeneveHeader.isControl(header)) {
            return Disposition.CONTROL;
        }
        Session session = sessions.find(GeneveHeader.vni(header), nowNanos);
        if (session == null) {
            return Disposition.UNKNOWN_SESSION;
        }
        Leg leg = session.legAt(from);
        if (leg == null) {
            return Disposition.UNKNOWN_SOURCE;
        }
        leg.lastSeenNanos = nowNanos;
        destination = session.other(leg).address;
        if (destination == null) {
            return Disposition.PEER_NOT_BOUND;
        }
        return session.mayForward(length, nowNanos) ? Disposition.FORWARDED : Disposition.OVER_BANDWIDTH;
    }

    /** Where the datagram goes that was {@link Disposition#FORWARDED} last. */
    public InetSocketAddress destination() {
        if (destination == null) {
            throw new IllegalStateException("nothing was forwarded");
        }
        return destination;
    }

    /** The whole datagram that {@link #receive} said is control. */
    public Disposition control(InetSocketAddress from, byte[] packet, int offset, int length, long nowNanos) {
        long header = GeneveHeader.bits(packet, offset);
        int disco = offset + GeneveHeader.LENGTH;
        int discoLength = length - GeneveHeader.LENGTH;
        if (GeneveHeader.protocol(header) != GeneveHeader.DISCO
                || from.getPort() == 0
                || discoLength < DiscoEnvelope.OVERHEAD
                || !DiscoEnvelope.looksLike(packet, disco, discoLength)) {
            return Disposition.BAD_CONTROL;
        }
        Session session = sessions.find(GeneveHeader.vni(header), nowNanos);
        if (session == null) {
            return Disposition.UNKNOWN_SESSION;
        }
        Leg leg = session.legOf(packet, disco + DiscoEnvelope.SENDER_AT);
        if (leg == null) {
            return Disposition.BAD_CONTROL;
        }
        NaclBox box = leg.box == null ? box(leg.key) : leg.box;
        leg.box = box;
        return switch (DiscoEnvelope.open(box, packet, disco, discoLength)) {
            case BindRequest(Binding binding)
            when isFor(binding, session, leg) -> challenge(binding, leg, box, from, nowNanos);
            case BindAnswer bound
            when isFor(bound.binding(), session, leg) -> bind(bound, session, leg, from, nowNanos);
            case null, default -> Disposition.BAD_CONTROL;
        };
    }

    /** The datagram for where the last {@link Disposition#CHALLENGED} came from, or the packet for who asked last. */
    public byte[] answer() {
        return answer;
    }

    private static boolean isFor(Binding binding, Session session, Leg leg) {
        return binding.vni() == session.vni
                && binding.generation() != 0
                && binding.remote().equals(session.other(leg).key);
    }

    private Disposition challenge(Binding binding, Leg leg, NaclBox box, InetSocketAddress from, long nowNanos) {
        if (!leg.binds.take(1, nowNanos)) {
            return Disposition.TOO_MANY_BINDS;
        }
        DiscoMessage message = new BindChallenge(binding, challenger.challenge(binding, leg, from, nowNanos));
        byte[] sealed = DiscoEnvelope.seal(box, publicKey, message, random);
        answer = new byte[GeneveHeader.LENGTH + sealed.length];
        GeneveHeader.encode(new GeneveHeader(true, GeneveHeader.DISCO, binding.vni()), answer, 0);
        System.arraycopy(sealed, 0, answer, GeneveHeader.LENGTH, sealed.length);
        return Disposition.CHALLENGED;
    }

    private Disposition bind(BindAnswer bound, Session session, Leg leg, InetSocketAddress from, long nowNanos) {
        if (!from.equals(leg.address)) {
            if (!challenger.isOurs(bound.challenge(), bound.binding(), leg, from, nowNanos)) {
                return Disposition.BAD_ANSWER;
            }
            if (!isSameIp(from, leg.address)
                    && addresses.getOrDefault(from.getAddress(), 0) >= limits.legsPerAddress()) {
                return Disposition.TOO_MANY_ADDRESSES;
            }
            Leg other = session.other(leg);
            if (from.equals(other.address)) {
                // A NAT gave one client the port that was the other's: who has just proven to be there, is there.
                leave(other);
            }
            leave(leg);
            addresses.merge(from.getAddress(), 1, Integer::sum);
        }
        boolean wasOpen = session.isOpen();
        session.bind(leg, from, nowNanos);
        openSessions += session.isOpen() && !wasOpen ? 1 : 0;
        return Disposition.BOUND;
    }

    private static boolean isSameIp(InetSocketAddress one, @Nullable InetSocketAddress other) {
        return other != null && one.getAddress().equals(other.getAddress());
    }

    private void leave(Leg leg) {
        if (leg.address != null) {
            decrement(addresses, leg.address.getAddress());
            leg.moveTo(null);
        }
    }

    // -------------------------------------------------------------------------------------------------------- by time

    /** Ends the sessions whose time has come. */
    public void poll(long nowNanos) {
        for (Session over = sessions.removeOver(nowNanos); over != null; over = sessions.removeOver(nowNanos)) {
            clean(over);
        }
    }

    /** Ends the sessions that the client with this key has asked for: it must not be forwarded to any more. */
    public void revoke(NodePublicKey client) {
        sessions.removeOf(client).forEach(this::clean);
    }

    private void clean(Session over) {
        ended++;
        openSessions -= over.isOpen() ? 1 : 0;
        decrement(owners, over.owner);
        over.legs().forEach(this::leave);
    }

    /** When {@link #poll} has something to do next; {@code Long.MAX_VALUE} for never. */
    public long nextDeadlineNanos() {
        return sessions.nextDeadlineNanos();
    }

    private NaclBox box(DiscoPublicKey client) {
        return boxes.get(client, theirs -> NaclBox.between(key, theirs));
    }

    private static <K> void decrement(Map<K, Integer> counts, K counted) {
        counts.computeIfPresent(counted, (_, count) -> count == 1 ? null : count - 1);
    }
}
