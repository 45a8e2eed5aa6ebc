package dev.warren.node.engine;

import dev.warren.protocol.stun.BindingRequest;
import dev.warren.protocol.stun.StunClient;
import dev.warren.protocol.stun.TransactionId;
import dev.warren.protocol.wireguard.IpPrefix;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Asks the STUN servers of the relay map, from WireGuard's own socket, where that socket is seen: at the start, then
 * every 20 to 26 s while packets flow (which also keeps a NAT's mapping alive), and when a call-me-maybe needs fresh
 * addresses.
 */
final class StunProber {
    private static final long SECOND = 1_000_000_000L;
    private static final long MIN_PERIOD_NANOS = 20 * SECOND;
    private static final long PERIOD_SPREAD_NANOS = 6 * SECOND;
    /** Addresses older than this may be gone: NATs keep a UDP mapping 30 s at the least. */
    private static final long FRESH_NANOS = 27 * SECOND;

    private static final long ACTIVE_NANOS = 45 * SECOND;
    private static final int MAX_SERVERS = 64;
    private static final int MAGIC_COOKIE = 0x2112a442;
    private static final int COOKIE_OFFSET = 4;
    private static final int HEADER_LENGTH = 20;

    /** What the prober wants done. */
    interface Output {
        void send(InetSocketAddress to, byte[] request);

        /** The mapped addresses are others than before. */
        void mappedChanged();

        /** All servers have answered or were given up; latency by region of those that answered. */
        void roundEnded(Map<Integer, Long> latencyNanos);
    }

    private record Probe(int region, StunClient client) {}

    private final RandomGenerator random;
    private final Output output;
    private final List<Probe> probes = new ArrayList<>();
    private final SortedMap<Integer, Long> latencies = new TreeMap<>();
    private final Set<InetSocketAddress> mappedNow = new LinkedHashSet<>();
    private SortedMap<Integer, List<InetSocketAddress>> servers = new TreeMap<>();
    private SortedSet<Integer> relayRegions = new TreeSet<>();
    private Set<InetSocketAddress> mapped = Set.of();
    private @Nullable Boolean mappingVaries;
    private long nextRoundNanos = Long.MAX_VALUE;
    private long activeUntilNanos = Long.MIN_VALUE;
    private long answeredNanos = Long.MIN_VALUE;

    StunProber(RandomGenerator random, Output output) {
        this.random = random;
        this.output = output;
    }

    /** Whether the datagram is a STUN answer (RFC 8489 section 5): class success or error of method Binding. */
    static boolean looksLikeAnswer(byte[] buffer, int offset, int length) {
        if (length < HEADER_LENGTH || buffer[offset] != 1 || (buffer[offset + 1] & 0xef) != 1) {
            return false;
        }
        int cookie = 0;
        for (int i = 0; i < Integer.BYTES; i++) {
            cookie = cookie << 8 | (buffer[offset + COOKIE_OFFSET + i] & 0xff);
        }
        return cookie == MAGIC_COOKIE;
    }

    /** Takes over the servers, by region, and asks them at once; so too when other regions than before have a relay. */
    void setServers(SortedMap<Integer, List<InetSocketAddress>> byRegion, SortedSet<Integer> relayed, long nowNanos) {
        SortedMap<Integer, List<InetSocketAddress>> some = new TreeMap<>(byRegion);
        some.values().removeIf(List::isEmpty);
        if (!some.equals(servers) || !relayed.equals(relayRegions)) {
            servers = some;
            relayRegions = new TreeSet<>(relayed);
            active(nowNanos);
            start(nowNanos);
        }
    }

    /** Packets flow: the mapping is worth knowing. */
    void active(long nowNanos) {
        activeUntilNanos = nowNanos + ACTIVE_NANOS;
        if (nextRoundNanos == Long.MAX_VALUE && !servers.isEmpty()) {
            nextRoundNanos = nowNanos;
        }
    }

    /** Whether the mapped addresses were confirmed lately enough to be told to a peer. */
    boolean isFresh(long nowNanos) {
        return servers.isEmpty() || (answeredNanos != Long.MIN_VALUE && nowNanos - answeredNanos < FRESH_NANOS);
    }

    /** Starts a round unless one is running. */
    void refresh(long nowNanos) {
        if (probes.isEmpty()) {
            start(nowNanos);
        }
    }

    /** The network changed: what was mapped is gone. */
    void restart(long nowNanos) {
        answeredNanos = Long.MIN_VALUE;
        active(nowNanos);
        start(nowNanos);
    }

    boolean hasServerIn(IpPrefix block) {
        return servers.values().stream()
                .flatMap(List::stream)
                .anyMatch(server -> !server.isUnresolved() && block.contains(server.getAddress()));
    }

    /** Whether there are servers and none has answered yet, as where UDP is blocked. */
    boolean isBlocked() {
        return !servers.isEmpty() && mapped.isEmpty();
    }

    /** Where our socket is seen. */
    Collection<InetSocketAddress> mapped() {
        return mapped;
    }

    /** Whether servers saw different addresses of one family; null with fewer than two answers. */
    @Nullable
    Boolean mappingVaries() {
        return mappingVaries;
    }

    /** Takes a datagram; true when it was the answer to one of our requests. */
    boolean receive(byte[] buffer, int offset, int length, InetSocketAddress from, long nowNanos) {
        for (Probe probe : probes) {
            if (probe.client().receive(buffer, offset, length, from, nowNanos)) {
                if (probe.client().state() instanceof StunClient.Answered answered) {
                    onAnswered(probe.region(), answered, nowNanos);
                }
                endRoundIfOver();
                return true;
            }
        }
        return false;
    }

    void poll(long nowNanos) {
        if (nowNanos >= nextRoundNanos) {
            if (nowNanos < activeUntilNanos) {
                start(nowNanos);
            } else {
                nextRoundNanos = Long.MAX_VALUE;
            }
        }
        for (Probe probe : List.copyOf(probes)) {
            byte[] request = probe.client().poll(nowNanos);
            if (request != null) {
                output.send(probe.client().server(), request);
            }
        }
        endRoundIfOver();
    }

    long nextDeadlineNanos() {
        long next = nextRoundNanos;
        for (Probe probe : probes) {
            next = Math.min(next, probe.client().nextDeadlineNanos());
        }
        return next;
    }

    private void start(long nowNanos) {
        probes.clear();
        latencies.clear();
        mappedNow.clear();
        servers.forEach((region, addresses) -> addresses.forEach(address -> {
            if (probes.size() < MAX_SERVERS) {
                byte[] request = BindingRequest.tailscale(TransactionId.random(random));
                probes.add(
                        new Probe(region, new StunClient(address, request, StunClient.Retransmission.PROBE, nowNanos)));
            }
        }));
        nextRoundNanos =
                servers.isEmpty() ? Long.MAX_VALUE : nowNanos + MIN_PERIOD_NANOS + random.nextLong(PERIOD_SPREAD_NANOS);
    }

    private void onAnswered(int region, StunClient.Answered answered, long nowNanos) {
        answeredNanos = nowNanos;
        latencies.merge(region, answered.roundTripNanos(), Math::min);
        if (mappedNow.add(answered.mapped()) && !mapped.contains(answered.mapped())) {
            Set<InetSocketAddress> more = new LinkedHashSet<>(mapped);
            more.add(answered.mapped());
            mapped = more;
            output.mappedChanged();
        }
    }

    private void endRoundIfOver() {
        if (probes.isEmpty() || probes.stream().anyMatch(p -> p.client().state() instanceof StunClient.Waiting)) {
            return;
        }
        long answers = probes.stream()
                .filter(probe -> probe.client().state() instanceof StunClient.Answered)
                .count();
        probes.clear();
        if (answers > 0) {
            long families = mappedNow.stream()
                    .map(address -> address.getAddress().getClass())
                    .distinct()
                    .count();
            mappingVaries = answers > families ? Boolean.valueOf(mappedNow.size() > families) : mappingVaries;
            if (!mapped.equals(mappedNow)) {
                mapped = Set.copyOf(mappedNow);
                output.mappedChanged();
            }
        }
        output.roundEnded(Map.copyOf(latencies));
    }
}
