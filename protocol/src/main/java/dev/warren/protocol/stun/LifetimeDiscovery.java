package dev.warren.protocol.stun;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How long a mapping lives in silence (RFC 5780 section 4.6): several sockets send something, each is silent for
 * another time, then it is looked whether the mapping is still there. All at once, so that it takes no longer than the
 * longest silence; a socket each, because an answer that was filtered can change what the NAT does with that port
 * afterwards, as it does in Linux. The RFC looks by RESPONSE-PORT, which our server refuses. Two other ways are used:
 *
 * <p>Where the mapping is endpoint-independent and the filter is not, something is sent to the other address of the
 * server, and after the silence the first one is asked to have its answer sent from the other. That comes in only as
 * long as the NAT remembers that the other was sent to, which is what a keepalive must keep up. Works with every server
 * that honours CHANGE-REQUEST, with coturn's too, whose other address does not know the way back to the first.
 *
 * <p>Elsewhere the first address is asked again: another mapped address means that the old one has expired. The same
 * one may mean that the NAT gives the same port again, so without an expiry having been seen nothing is known.
 */
final class LifetimeDiscovery {
    /** How many silences are tried: from the longest on, each is two thirds of the one before. */
    static final int RUNGS = 8;

    private final List<Rung> rungs = new ArrayList<>();
    private final boolean byFilter;

    /** With {@code other} for the first way, null for the second; the first of the sockets is {@code firstSocket}. */
    LifetimeDiscovery(
            Exchanges exchanges,
            int firstSocket,
            InetSocketAddress server,
            @Nullable InetSocketAddress other,
            Duration limit,
            long nowNanos) {
        byFilter = other != null;
        long silenceNanos = limit.toNanos();
        for (int i = 0; i < RUNGS; i++) {
            rungs.add(new Rung(exchanges, firstSocket + i, server, other, silenceNanos, nowNanos));
            silenceNanos = silenceNanos / 3 * 2;
        }
    }

    /** Goes on when the time has come. */
    void advance(long nowNanos) {
        rungs.forEach(rung -> rung.advance(nowNanos));
    }

    /** When the next silence ends; {@code Long.MAX_VALUE} when none is waited for. */
    long nextDeadlineNanos() {
        return rungs.stream().mapToLong(Rung::nextDeadlineNanos).min().orElse(Long.MAX_VALUE);
    }

    boolean isDone() {
        return rungs.stream().allMatch(Rung::isDone);
    }

    /** The longest silence that was survived; zero when none was; null when it is not known. */
    @Nullable
    Duration lifetime() {
        if (!isDone() || rungs.stream().allMatch(Rung::hasFailed)) {
            return null;
        }
        boolean expired = rungs.stream().anyMatch(rung -> !rung.hasFailed() && !rung.isAlive());
        long aliveNanos = rungs.stream()
                .filter(Rung::isAlive)
                .mapToLong(rung -> rung.silenceNanos)
                .max()
                .orElse(0);
        return byFilter || expired ? Duration.ofNanos(aliveNanos) : null;
    }

    /** One socket with its silence. */
    private static final class Rung {
        private final Exchanges exchanges;
        private final int socket;
        private final InetSocketAddress server;
        private final @Nullable InetSocketAddress other;
        private final long silenceNanos;
        private final DiscoveryExchange opening;
        private @Nullable DiscoveryExchange check;

        Rung(
                Exchanges exchanges,
                int socket,
                InetSocketAddress server,
                @Nullable InetSocketAddress other,
                long silenceNanos,
                long nowNanos) {
            this.exchanges = exchanges;
            this.socket = socket;
            this.server = server;
            this.other = other;
            this.silenceNanos = silenceNanos;
            this.opening = exchanges.askSimply(socket, other == null ? server : other, nowNanos);
        }

        void advance(long nowNanos) {
            if (check == null && opening.mapped() != null && nowNanos >= checkNanos()) {
                int all = BindingResponder.CHANGE_ADDRESS | BindingResponder.CHANGE_PORT;
                check = other == null
                        ? exchanges.askSimply(socket, server, nowNanos)
                        : exchanges.ask(socket, server, other, all, nowNanos);
            }
        }

        long nextDeadlineNanos() {
            return check == null && opening.mapped() != null ? checkNanos() : Long.MAX_VALUE;
        }

        boolean isDone() {
            return check == null ? opening.isOver() && opening.mapped() == null : check.isOver();
        }

        /** Whether it says nothing: the server was silent or would not do what it was asked. */
        boolean hasFailed() {
            return check == null || check.isUnsupported() || (check.mapped() == null && other == null);
        }

        boolean isAlive() {
            InetSocketAddress mapped = check == null ? null : check.mapped();
            return mapped != null && mapped.equals(opening.mapped());
        }

        private long checkNanos() {
            return opening.lastSentNanos() + silenceNanos;
        }
    }
}
