package dev.warren.node.path;

/**
 * Whether packets flow, and whether anything comes back. A path whose disco pings are answered while WireGuard's
 * packets vanish becomes suspect: the relay carries the packets too until an authenticated one has come over UDP.
 */
final class Activity {
    private static final long NEVER = Long.MIN_VALUE;

    private long activeUntilNanos = NEVER;
    private long sendingUntilNanos = NEVER;
    private long unansweredSinceNanos = NEVER;
    private boolean suspect;

    /**
     * A packet is sent; {@code wantsAnswer} when the peer will answer it within ten seconds. True when it is the first
     * one after an idle time.
     */
    boolean sent(boolean wantsAnswer, long nowNanos) {
        boolean first = nowNanos >= sendingUntilNanos;
        sendingUntilNanos = nowNanos + PathTimers.SESSION_IDLE;
        activeUntilNanos = sendingUntilNanos;
        if (wantsAnswer && unansweredSinceNanos == NEVER) {
            unansweredSinceNanos = nowNanos;
        }
        return first;
    }

    /** The peer looks for a path. */
    void called(long nowNanos) {
        activeUntilNanos = Math.max(activeUntilNanos, nowNanos + PathTimers.CALLED);
    }

    /** An authenticated packet came; true when this ends a suspicion. */
    boolean authenticated(boolean direct) {
        if (direct || !suspect) {
            unansweredSinceNanos = NEVER;
        }
        boolean cleared = suspect && direct;
        suspect &= !direct;
        return cleared;
    }

    /** True once, when nothing authenticated came for too long. */
    boolean becomesSuspect(long nowNanos) {
        if (nowNanos < suspectNanos()) {
            return false;
        }
        suspect = true;
        return true;
    }

    /** What came by a relay shows that the peer does not have our direct path. */
    void suspect() {
        suspect = true;
    }

    boolean isSuspect() {
        return suspect;
    }

    /**
     * When silence makes the path suspect; {@code Long.MAX_VALUE} when nothing waits for an answer or it is already.
     */
    long suspectNanos() {
        return suspect || unansweredSinceNanos == NEVER ? Long.MAX_VALUE : unansweredSinceNanos + PathTimers.UNANSWERED;
    }

    boolean isActive(long nowNanos) {
        return nowNanos < activeUntilNanos;
    }

    /**
     * Whether we send ourselves. One that was only called answers with a search, and neither keeps what it found nor
     * calls back: else two idle peers would keep each other awake for ever.
     */
    boolean isSending(long nowNanos) {
        return nowNanos < sendingUntilNanos;
    }

    /** When the session counts as idle. */
    long endsNanos() {
        return activeUntilNanos;
    }

    /** The session is idle: nothing is due until the next packet. */
    void rest() {
        activeUntilNanos = NEVER;
        unansweredSinceNanos = NEVER;
        suspect = false;
    }

    boolean isResting() {
        return activeUntilNanos == NEVER;
    }
}
