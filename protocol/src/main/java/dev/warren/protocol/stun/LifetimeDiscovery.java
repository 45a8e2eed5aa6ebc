package dev.warren.protocol.stun;

import java.net.InetSocketAddress;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How long a mapping lives in silence (RFC 5780 section 4.6), by binary search: refresh it, wait, look whether it is
 * still there. The RFC looks by RESPONSE-PORT, which our server refuses. Two other ways are used:
 *
 * <p>Where the mapping is endpoint-independent and the filter is not, the other address of the server is asked to have
 * the answer sent from the first one. That comes in only as long as the NAT remembers that the first address was sent
 * to, which is what a keepalive must keep up. Works with every server that honours CHANGE-REQUEST.
 *
 * <p>Elsewhere the first address is asked again: another mapped address means that the old one has expired. The same one
 * may mean that the NAT gives the same port again, so without an expiry having been seen nothing is known.
 */
final class LifetimeDiscovery {
    /** The limit is found to a thirty-second part: five rounds. */
    private static final int PARTS = 32;

    private final Exchanges exchanges;
    private final int socket;
    private final InetSocketAddress server;
    private final @Nullable InetSocketAddress other;
    private final long precisionNanos;
    private long aliveNanos;
    private long deadNanos;
    private boolean expired;
    private boolean failed;
    private DiscoveryExchange refresh;
    private @Nullable DiscoveryExchange check;

    /** With {@code other} for the first way, null for the second; looks no further than {@code limit}. */
    LifetimeDiscovery(
            Exchanges exchanges,
            int socket,
            InetSocketAddress server,
            @Nullable InetSocketAddress other,
            Duration limit,
            long nowNanos) {
        this.exchanges = exchanges;
        this.socket = socket;
        this.server = server;
        this.other = other;
        this.deadNanos = limit.toNanos();
        this.precisionNanos = deadNanos / PARTS;
        this.refresh = exchanges.askSimply(socket, server, nowNanos);
    }

    /** Goes on when the time has come. */
    void advance(long nowNanos) {
        DiscoveryExchange asked = check;
        if (isDone() || !refresh.isOver()) {
            return;
        }
        if (refresh.mapped() == null) {
            failed = true;
        } else if (asked == null) {
            if (nowNanos >= checkNanos()) {
                check = check(nowNanos);
            }
        } else if (asked.isOver()) {
            judge(asked);
            if (!isDone()) {
                check = null;
                refresh = exchanges.askSimply(socket, server, nowNanos);
            }
        }
    }

    /** When the silence ends; {@code Long.MAX_VALUE} when that is not what is waited for. */
    long nextDeadlineNanos() {
        boolean silent = !isDone() && refresh.isOver() && check == null;
        return silent ? checkNanos() : Long.MAX_VALUE;
    }

    boolean isDone() {
        return failed || deadNanos - aliveNanos <= precisionNanos;
    }

    /** Null when it is not known. */
    @Nullable
    Duration lifetime() {
        return !isDone() || failed || (other == null && !expired) ? null : Duration.ofNanos(aliveNanos);
    }

    private long silenceNanos() {
        return aliveNanos + (deadNanos - aliveNanos) / 2;
    }

    private long checkNanos() {
        return refresh.lastSentNanos() + silenceNanos();
    }

    private DiscoveryExchange check(long nowNanos) {
        int all = BindingResponder.CHANGE_ADDRESS | BindingResponder.CHANGE_PORT;
        return other == null
                ? exchanges.askSimply(socket, server, nowNanos)
                : exchanges.ask(socket, other, server, all, nowNanos);
    }

    private void judge(DiscoveryExchange asked) {
        InetSocketAddress mapped = asked.mapped();
        if (asked.isUnsupported() || (mapped == null && other == null)) {
            failed = true;
        } else if (mapped != null && mapped.equals(refresh.mapped())) {
            aliveNanos = silenceNanos();
        } else {
            deadNanos = silenceNanos();
            expired = true;
        }
    }
}
