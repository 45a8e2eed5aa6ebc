package dev.warren.node.path;

/** The path agent's times, in nanoseconds, and its bounds. */
final class PathTimers {
    private static final long MILLI = 1_000_000L;
    private static final long SECOND = 1_000 * MILLI;

    // Specification constants: magicsock's, so that both ends of a mixed pair agree on what is alive.

    /** Between pings to the best address while packets are sent. */
    static final long HEARTBEAT = 3 * SECOND;
    /** How long a pong proves its path: two missed heartbeats and a little. */
    static final long TRUST = 6_500 * MILLI;
    /** Without a packet sent for so long, nothing is probed any more. */
    static final long SESSION_IDLE = 45 * SECOND;
    /** Between searches for something better than a path that works. */
    static final long UPGRADE = 60 * SECOND;
    /** A path of this latency or less is not searched to be bettered. */
    static final long GOOD_LATENCY = 5 * MILLI;
    /** A ping without an answer is forgotten then. */
    static final long PING_TIMEOUT = 5 * SECOND;

    // Implementation constants.

    /** After a heartbeat without an answer: three more chances before the trust ends. */
    static final long HEARTBEAT_RETRY = SECOND;
    /** How long a peer's ping or call-me-maybe keeps the search going on a side that sends nothing itself. */
    static final long CALLED = 10 * SECOND;
    /** While a path is trusted, another address gets so many pings. */
    static final int ENOUGH_PINGS = 3;

    /** A stale path is still sent to, beside the relay, for so long after its last pong. */
    static final long STALE = 30 * SECOND;
    /** The least time between two pings to one address. */
    static final long MIN_PING_GAP = 50 * MILLI;
    /** The least time between two call-me-maybes. */
    static final long MIN_CALL_GAP = 900 * MILLI;
    /**
     * The gaps of a search's first calls, so that they go out behind pings of the burst; then it backs off as they do.
     */
    private static final long[] CALL_GAPS = {900 * MILLI, 3_900 * MILLI, 2_900 * MILLI};
    /** A peer's call makes us ping so many times in a row, whatever our own search has come to. */
    static final int CALLED_PINGS = 5;

    static final long CALLED_GAP = 200 * MILLI;
    /** Sent data that no authenticated packet answered for so long makes a path suspect: 10 s keep-alive and margin. */
    static final long UNANSWERED = 12 * SECOND;
    /** The gaps of a candidate's burst: one lost packet then costs 300 ms at most, 12 pings in 8 s. */
    private static final long[] BURST = {
        150 * MILLI, 150 * MILLI, 200 * MILLI, 500 * MILLI, SECOND, SECOND, SECOND, SECOND, SECOND, SECOND, SECOND
    };
    /** After the burst: 2, 4, 8, 8 ... s, so that a path that heals is found within ten seconds. */
    private static final long FIRST_BACKOFF = 2 * SECOND;

    private static final long QUICK_BACKOFF = 8 * SECOND;
    /** So many rounds of quick back-off (five minutes), then one a minute: not for ever every few seconds. */
    private static final int QUICK_ROUNDS = 38;

    private static final long SLOW_BACKOFF = 60 * SECOND;

    /** The most addresses tried for one peer; a burst is then under 100 pings a second. */
    static final int MAX_CANDIDATES = 24;
    /** The most pings whose answers are waited for. */
    static final int MAX_OUTSTANDING = 256;

    private PathTimers() {}

    /** How long after a candidate's ping number {@code sent} (from 1) the next one is due. */
    static long gapAfter(int sent) {
        if (sent <= BURST.length) {
            return BURST[sent - 1];
        }
        int round = sent - BURST.length;
        if (round > QUICK_ROUNDS) {
            return SLOW_BACKOFF;
        }
        return round < 3 ? FIRST_BACKOFF << (round - 1) : QUICK_BACKOFF;
    }

    /** How long after the search's call number {@code calls} (from 1) the next one may go out; 0 for its first. */
    static long callGapAfter(int calls) {
        if (calls <= CALL_GAPS.length) {
            return calls == 0 ? MIN_CALL_GAP : CALL_GAPS[calls - 1];
        }
        return (calls - CALL_GAPS.length > QUICK_ROUNDS ? SLOW_BACKOFF : QUICK_BACKOFF) - MIN_CALL_GAP;
    }
}
