package dev.warren.relay.client;

import dev.warren.protocol.derp.PeerGoneReason;
import dev.warren.relay.admission.Admission;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** Everything that the relay counts. */
public final class RelayMetrics {
    /** What a packet looks like from outside. */
    public enum Kind {
        /** A disco message: small, rare, and what direct paths depend on. */
        DISCO,
        /** Anything else, mostly WireGuard. */
        OTHER
    }

    /** Why a packet or control frame was dropped. */
    public enum Drop {
        /** Nobody with the destination's key is here. */
        UNKNOWN_DESTINATION,
        /** Another relay of the region forwarded it to somebody who is not here. */
        UNKNOWN_DESTINATION_FORWARDED,
        /** The destination's connection ended while the packet was on its way to it. */
        DESTINATION_GONE,
        /** The oldest of a full queue made room for a newer one: the destination is too slow. */
        QUEUE_HEAD,
        /** Packets have waited for the destination for too long, so that its peers slow down (CoDel, RFC 8289). */
        QUEUE_DELAY,
        /** The oldest of a link's full queue made room: the way to the other relay is too slow. */
        LINK_QUEUE_HEAD,
        /** The link to the other relay ended while the packet waited for it. */
        LINK_LOST,
        /** The hand-over to the destination's thread is full. */
        INBOX_FULL,
        /** A pong, while an earlier one still waits or the client takes no bytes. */
        PONG_PENDING,
        /** Too many notices of gone peers wait for a client. */
        NOTICES_FULL
    }

    /** Why a connection ended. */
    public enum End {
        /** The other side closed it, or the network did. */
        CLOSED,
        /** It was not logged in in time. */
        LOGIN_TIMEOUT,
        /** It was not logged in yet, for longer than any other, when there were too many such. */
        LOGINS_FULL,
        /** It took no bytes for too long. */
        WRITE_TIMEOUT,
        /** It broke the protocol. */
        PROTOCOL_ERROR,
        /** It was not let in. */
        REFUSED,
        /** Another relay of the region asked for it. */
        CLOSED_BY_MESH,
        /** It watched who comes and goes, and fell too far behind. */
        WATCHER_BEHIND,
        /** It had been let in, and would not be any more. */
        REVOKED,
        /** TLS or the network failed. */
        FAILED
    }

    private final Map<Kind, Counter> received = new EnumMap<>(Kind.class);
    private final Map<Drop, Map<Kind, Counter>> drops = new EnumMap<>(Drop.class);
    private final Map<End, Counter> ends = new EnumMap<>(End.class);
    private final Map<PeerGoneReason, Counter> gone = new EnumMap<>(PeerGoneReason.class);
    private final Map<Admission.Verdict, Counter> admissions = new EnumMap<>(Admission.Verdict.class);
    private final Map<String, Counter> handshakes = new ConcurrentHashMap<>();
    private final AtomicInteger homeClients = new AtomicInteger();
    private final AtomicInteger notIdealClients = new AtomicInteger();
    private final MeterRegistry registry;
    private final Counter accepts;
    private final Counter webSockets;
    private final Counter homeMovesIn;
    private final Counter homeMovesOut;
    private final RoundTrips roundTrips;
    private final Counter foundNames;
    private final Counter failedNames;
    private final Counter receivedBytes;
    private final Counter sentPackets;
    private final Counter sentBytes;
    private final Counter forwardedInPackets;
    private final Counter forwardedInBytes;
    private final Counter forwardedOutPackets;
    private final Counter forwardedOutBytes;
    private final Counter pings;
    private final Counter unknownFrames;

    /** Registers all of them with {@code registry}. */
    public RelayMetrics(MeterRegistry registry) {
        this.registry = registry;
        for (Kind kind : Kind.values()) {
            received.put(
                    kind, counter("warren.relay.received.packets", "Packets from clients, by kind", "kind", tag(kind)));
        }
        for (Drop drop : Drop.values()) {
            Map<Kind, Counter> kinds = new EnumMap<>(Kind.class);
            for (Kind kind : Kind.values()) {
                kinds.put(kind, drop(registry, drop, kind));
            }
            drops.put(drop, kinds);
        }
        for (End end : End.values()) {
            ends.put(end, counter("warren.relay.ended", "Connections that ended, by reason", "reason", tag(end)));
        }
        for (PeerGoneReason reason : PeerGoneReason.values()) {
            gone.put(
                    reason,
                    counter("warren.relay.peer.gone", "Notices of gone peers, by reason", "reason", tag(reason)));
        }
        for (Admission.Verdict verdict : Admission.Verdict.values()) {
            admissions.put(
                    verdict, counter("warren.relay.admissions", "Decided logins, by verdict", "verdict", tag(verdict)));
        }
        accepts = counter("warren.relay.accepts", "TCP connections that were accepted");
        webSockets = counter("warren.relay.websockets", "Connections that turned to DERP in WebSocket messages");
        homeMovesIn = homeMoves("in");
        homeMovesOut = homeMoves("out");
        roundTrips = new RoundTrips(registry);
        foundNames = lookups("found");
        failedNames = lookups("failed");
        receivedBytes =
                counter("warren.relay.received.bytes", "Bytes of packets from clients, without keys and headers");
        sentPackets = counter("warren.relay.sent.packets", "Packets handed to clients' connections");
        sentBytes = counter("warren.relay.sent.bytes", "Bytes of packets handed to clients' connections");
        forwardedInPackets = forwarded("packets", "in");
        forwardedInBytes = forwarded("bytes", "in");
        forwardedOutPackets = forwarded("packets", "out");
        forwardedOutBytes = forwarded("bytes", "out");
        pings = counter("warren.relay.pings", "Pings from clients");
        unknownFrames = counter("warren.relay.unknown.frames", "Frames that were skipped: not a client's, or unknown");
        Gauge.builder("warren.relay.home.clients", homeClients, AtomicInteger::get)
                .description("Connections of clients whose home is this relay")
                .register(registry);
        Gauge.builder("warren.relay.not.ideal.clients", notIdealClients, AtomicInteger::get)
                .description("Connections of clients that wanted another relay of the region")
                .register(registry);
    }

    /** Watches how many keys and connections {@code clients} has. */
    void watch(ClientRegistry clients) {
        Gauge.builder("warren.relay.clients", clients, ClientRegistry::keyCount)
                .description("Keys with at least one connection")
                .register(registry);
        Gauge.builder("warren.relay.connections", clients, ClientRegistry::connectionCount)
                .description("Connections that are logged in")
                .register(registry);
        Gauge.builder("warren.relay.mesh.watchers", clients, ClientRegistry::watcherCount)
                .description("Connections of other relays that are told who comes and goes")
                .register(registry);
        Gauge.builder("warren.relay.mesh.clients", clients, ClientRegistry::forwardedKeyCount)
                .description("Keys that other relays of the region have")
                .register(registry);
        Gauge.builder("warren.relay.duplicated.keys", clients, ClientRegistry::duplicatedKeyCount)
                .description(
                        "Keys with more than one connection: machines that share a key, or one that has reconnected")
                .register(registry);
    }

    /** A TCP connection was accepted. */
    public void accepted() {
        accepts.increment();
    }

    /** A name for {@code /bootstrap-dns} was looked up, or could not be. */
    public void resolved(boolean found) {
        (found ? foundNames : failedNames).increment();
    }

    /** A TLS handshake ended well, in {@code version}, such as "TLSv1.3". */
    public void handshake(String version) {
        handshakes
                .computeIfAbsent(
                        version,
                        _ -> counter(
                                "warren.relay.tls.handshakes",
                                "TLS handshakes that ended well, by version",
                                "version",
                                version))
                .increment();
    }

    /** A connection turned to DERP in WebSocket messages. */
    public void webSocket() {
        webSockets.increment();
    }

    /** A WebSocket's ping was not answered, since the client takes no bytes. */
    public void pongDropped() {
        dropped(Drop.PONG_PENDING, Kind.OTHER);
    }

    /** A connection ended. */
    public void ended(End reason) {
        Objects.requireNonNull(ends.get(reason)).increment();
    }

    /** A login was decided. */
    public void admission(Admission.Verdict verdict) {
        Objects.requireNonNull(admissions.get(verdict)).increment();
    }

    /** A request that is no upgrade was answered with {@code status}. */
    public void answered(int status) {
        counter("warren.relay.http.answers", "HTTP answers, by status", "status", Integer.toString(status))
                .increment();
    }

    void received(Kind kind, int packets, int bytes) {
        Objects.requireNonNull(received.get(kind)).increment(packets);
        receivedBytes.increment(bytes);
    }

    void sent(int packets, int bytes) {
        sentPackets.increment(packets);
        sentBytes.increment(bytes);
    }

    /** A packet from another relay of the region. */
    void forwardedIn(int bytes) {
        forwardedInPackets.increment();
        forwardedInBytes.increment(bytes);
    }

    /** A packet was written to another relay of the region. */
    public void forwardedOut(int bytes) {
        forwardedOutPackets.increment();
        forwardedOutBytes.increment(bytes);
    }

    /** A packet or a control frame was dropped. */
    public void dropped(Drop reason, Kind kind) {
        Objects.requireNonNull(Objects.requireNonNull(drops.get(reason)).get(kind))
                .increment();
    }

    void peerGone(PeerGoneReason reason) {
        Objects.requireNonNull(gone.get(reason)).increment();
    }

    void pinged() {
        pings.increment();
    }

    void unknownFrame() {
        unknownFrames.increment();
    }

    void homeClients(int change) {
        homeClients.addAndGet(change);
    }

    /** A client made this relay its home, or another one, a while after it had connected. */
    void homeMoved(boolean in) {
        (in ? homeMovesIn : homeMovesOut).increment();
    }

    RoundTrips roundTrips() {
        return roundTrips;
    }

    void notIdealClients(int change) {
        notIdealClients.addAndGet(change);
    }

    private Counter forwarded(String what, String direction) {
        String described = "Forwarded " + what + " from (in) and to (out) other relays of the region, without keys";
        return counter("warren.relay.forwarded." + what, described, "direction", direction);
    }

    private Counter counter(String name, String description, String... tags) {
        return Counter.builder(name).description(description).tags(tags).register(registry);
    }

    private Counter homeMoves(String direction) {
        return counter(
                "warren.relay.home.moves",
                "Clients that made this relay their home, or another one, after their first seconds",
                "direction",
                direction);
    }

    private Counter lookups(String result) {
        return counter(
                "warren.relay.bootstrap.dns.lookups",
                "Look-ups of names for /bootstrap-dns, by result",
                "result",
                result);
    }

    private static Counter drop(MeterRegistry registry, Drop reason, Kind kind) {
        return Counter.builder("warren.relay.dropped")
                .description("Packets and notices that were dropped, by reason and kind")
                .tag("reason", tag(reason))
                .tag("kind", tag(kind))
                .register(registry);
    }

    static String tag(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }
}
