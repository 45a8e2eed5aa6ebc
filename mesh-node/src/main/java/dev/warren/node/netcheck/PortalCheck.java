package dev.warren.node.netcheck;

import dev.warren.node.netcheck.NetcheckTargets.RelayServer;
import dev.warren.protocol.derp.DerpNode;
import java.net.Inet4Address;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Whether something answers in the place of relays (a captive portal): relays that speak plain HTTP are asked for {@code
 * /generate_204} with a challenge, to which only they know the answer (derp.md section 2.10). One right answer means that
 * there is none, even if another relay's was wrong, as a portal spares nobody.
 */
final class PortalCheck {
    private static final long MILLI = 1_000_000;
    /** So that the first round trips are not disturbed. */
    private static final long DELAY_NANOS = 200 * MILLI;

    private static final long LIMIT_NANOS = 3_000 * MILLI;
    private static final int MAX_RELAYS = 5;
    private static final int NO_CONTENT = 204;
    private static final int MAX_CHALLENGE = 64;

    private final List<RelayServer> relays;
    private final long startNanos;
    private final Set<RelayServer> waiting = new LinkedHashSet<>();
    private boolean begun;
    private int right;
    private int wrongStatus;

    PortalCheck(List<RelayServer> relays, long nowNanos) {
        this.relays = askable(relays);
        this.startNanos = nowNanos;
    }

    /** What the relay is challenged with: its own name, of characters that relays echo. */
    static String challenge(DerpNode node) {
        String challenge = "ts_" + node.hostName();
        return challenge.substring(0, Math.min(MAX_CHALLENGE, challenge.length()));
    }

    void poll(long nowNanos, List<Netcheck.Action> actions) {
        if (!begun && nowNanos >= startNanos + DELAY_NANOS) {
            begun = true;
            for (RelayServer relay : relays) {
                waiting.add(relay);
                actions.add(new Netcheck.AskPortal(relay, challenge(relay.node())));
            }
        }
    }

    long nextDeadlineNanos() {
        if (relays.isEmpty() || (begun && waiting.isEmpty())) {
            return Long.MAX_VALUE;
        }
        return startNanos + DELAY_NANOS + (begun ? LIMIT_NANOS : 0);
    }

    boolean isOver(long nowNanos) {
        return relays.isEmpty() || (begun && waiting.isEmpty()) || nowNanos >= startNanos + DELAY_NANOS + LIMIT_NANOS;
    }

    /** The answer of a relay, or of whoever answers in its place; {@code response} is its X-Tailscale-Response. */
    void answered(RelayServer relay, int status, @Nullable String response) {
        if (!waiting.remove(relay)) {
            return;
        }
        if (status == NO_CONTENT && ("response " + challenge(relay.node())).equals(response)) {
            right++;
        } else {
            wrongStatus = status;
        }
    }

    void failed(RelayServer relay) {
        waiting.remove(relay);
    }

    NetcheckReport.Portal result() {
        if (right > 0) {
            return new NetcheckReport.Portal(false, "a relay answered itself");
        }
        if (wrongStatus == NO_CONTENT) {
            return new NetcheckReport.Portal(true, "something answers in a relay's place, without its word");
        }
        if (wrongStatus != 0) {
            return new NetcheckReport.Portal(
                    true, "something answers in a relay's place (HTTP status " + wrongStatus + ")");
        }
        return new NetcheckReport.Portal(
                null, relays.isEmpty() ? "no relay speaks plain HTTP" : "no relay answered over plain HTTP");
    }

    /** Relays that can be asked over plain HTTP, one a node, those with IPv4 first, as portals are about IPv4. */
    private static List<RelayServer> askable(List<RelayServer> relays) {
        List<RelayServer> sorted = new ArrayList<>(relays);
        sorted.removeIf(relay ->
                !relay.node().trust().plaintext() && !relay.node().ports().plainHttp());
        sorted.sort((a, b) -> Boolean.compare(
                b.address().getAddress() instanceof Inet4Address, a.address().getAddress() instanceof Inet4Address));
        Set<String> names = new HashSet<>();
        return sorted.stream()
                .filter(relay -> names.add(relay.node().name()))
                .limit(MAX_RELAYS)
                .toList();
    }
}
