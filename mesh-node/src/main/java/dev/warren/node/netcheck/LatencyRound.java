package dev.warren.node.netcheck;

import dev.warren.node.netcheck.NetcheckTargets.RelayServer;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/**
 * The way that is left where UDP is not: the round trip of a request to the relays of those regions that no STUN server
 * answered for ({@code GET /derp/latency-check}, derp.md section 2.10). Regions without a STUN server are asked at once,
 * the others once STUN had a second.
 */
final class LatencyRound {
    /** By then a STUN server anywhere on earth has answered the second request. */
    static final long PATIENCE_NANOS = 1_000_000_000;

    private final List<RelayServer> relays;
    private final IntPredicate hasStun;
    private final long startNanos;
    private final Set<RelayServer> waiting = new LinkedHashSet<>();
    private final Map<RelayServer, Long> latencies = new HashMap<>();
    private final Map<Integer, String> failures = new HashMap<>();
    private boolean begun;
    private boolean allAsked;

    /** {@code hasStun} says whether a region has STUN servers that are asked. */
    LatencyRound(List<RelayServer> relays, IntPredicate hasStun, long nowNanos) {
        this.relays = relays;
        this.hasStun = hasStun;
        this.startNanos = nowNanos;
    }

    /** Adds the relays that are due to be asked; {@code answered} says whether STUN was answered for a region. */
    void poll(IntPredicate answered, long nowNanos, List<Netcheck.Action> actions) {
        if (!begun) {
            begun = true;
            ask(region -> !hasStun.test(region), actions);
        }
        if (!allAsked && nowNanos >= startNanos + PATIENCE_NANOS) {
            allAsked = true;
            ask(region -> hasStun.test(region) && !answered.test(region), actions);
        }
    }

    private void ask(IntPredicate which, List<Netcheck.Action> actions) {
        for (RelayServer relay : relays) {
            if (which.test(relay.node().regionId()) && waiting.add(relay)) {
                actions.add(new Netcheck.MeasureRelay(relay));
            }
        }
    }

    long nextDeadlineNanos() {
        return allAsked ? Long.MAX_VALUE : startNanos + (begun ? PATIENCE_NANOS : 0);
    }

    /** Whether nothing more is expected; {@code stunIsOver} that no region will be added. */
    boolean isOver(boolean stunIsOver, IntPredicate answered) {
        boolean moreToAsk = relays.stream()
                .mapToInt(relay -> relay.node().regionId())
                .anyMatch(region -> hasStun.test(region) && !answered.test(region));
        return waiting.isEmpty() && stunIsOver && (allAsked || !moreToAsk);
    }

    void answered(RelayServer relay, long nanos) {
        if (waiting.remove(relay)) {
            latencies.put(relay, nanos);
        }
    }

    /** {@code why} is a few words for people. */
    void failed(RelayServer relay, String why) {
        if (waiting.remove(relay)) {
            failures.putIfAbsent(relay.node().regionId(), why);
        }
    }

    /** Why the first relay of the region that failed did; null when none has. */
    @Nullable
    String failure(int region) {
        return failures.get(region);
    }

    /** The shortest round trip to a relay of the region. */
    OptionalLong latencyNanos(int region) {
        return latencies.entrySet().stream()
                .filter(entry -> entry.getKey().node().regionId() == region)
                .mapToLong(Map.Entry::getValue)
                .min();
    }
}
