package dev.warren.node.engine;

import java.util.function.BiConsumer;

/**
 * When an agent follows the changes of its machine's network: the first at once, and those within a second of it
 * together when that is over. Networks come and go in many steps, and each costs a packet to every peer.
 */
final class NetworkChanges {
    static final long GAP_NANOS = 1_000_000_000L;
    private static final long NEVER = Long.MAX_VALUE;

    private final BiConsumer<NetworkChange, Long> follow;
    private NetworkChange pending = NetworkChange.NONE;
    private long quietUntilNanos = Long.MIN_VALUE;

    /** {@code follow} does what a change makes necessary; it is told the time. */
    NetworkChanges(BiConsumer<NetworkChange, Long> follow) {
        this.follow = follow;
    }

    void add(NetworkChange change, long nowNanos) {
        pending = pending.and(change);
        poll(nowNanos);
    }

    void poll(long nowNanos) {
        if (!pending.isNone() && nowNanos >= quietUntilNanos) {
            NetworkChange due = pending;
            pending = NetworkChange.NONE;
            quietUntilNanos = nowNanos + GAP_NANOS;
            follow.accept(due, nowNanos);
        }
    }

    long nextDeadlineNanos() {
        return pending.isNone() ? NEVER : quietUntilNanos;
    }
}
