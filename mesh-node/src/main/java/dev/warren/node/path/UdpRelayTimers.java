package dev.warren.node.path;

/** The times of {@link UdpRelayAgent}, in nanoseconds, and its bounds. */
final class UdpRelayTimers {
    private static final long MILLI = 1_000_000L;
    private static final long SECOND = 1_000 * MILLI;

    // Specification constants: magicsock's and derp.md section 9's.

    /** A request for a session without an answer is sent again after this: a relay that is not ready is silent. */
    static final long ALLOCATE_RETRY = 3 * SECOND;
    /** And given up after this. */
    static final long ALLOCATE_TIMEOUT = 10 * SECOND;
    /** From the session's allocation until both ends are bound, and so for our search. */
    static final long BIND_WINDOW = 30 * SECOND;
    /** How long the relay keeps a bound session in silence. */
    static final long STEADY = 300 * SECOND;

    // Implementation constants.

    /** How long a direct path is given before a relay's session is asked for: it mostly takes less than a second. */
    static final long FIRST_DELAY = 1_000 * MILLI;
    /** The peer with the higher disco key waits longer, so that mostly one of the two asks. */
    static final long SECOND_DELAY = 2_500 * MILLI;
    /** The least time between two requests of ours for one peer. */
    static final long REQUEST_GAP = 15 * SECOND;
    /** After a try that came to nothing; it doubles, up to the longest. */
    static final long FIRST_PAUSE = 30 * SECOND;

    static final int MAX_DOUBLINGS = 3;
    /** While no relay of ours has UDP, it is looked for so often. */
    static final long NO_RELAY_PAUSE = 5 * SECOND;
    /** The gaps of binds and pings until a pong comes; the last one goes on. */
    private static final long[] BURST = {
        250 * MILLI, 250 * MILLI, 500 * MILLI, SECOND, SECOND, SECOND, 2 * SECOND, 3 * SECOND
    };
    /** So often the peer is called again while it is not there. */
    static final long CALL_GAP = 4 * SECOND;
    /** A peer's calls are followed no more often, as each makes us send to addresses that it names. */
    static final long MIN_FOLLOW_GAP = SECOND;
    /** A session that worked is given so long to work again before a new one is asked for. */
    static final long REBIND_WINDOW = 3 * SECOND;
    /** The most pings whose answers are waited for. */
    static final int MAX_OUTSTANDING = 16;
    /** A session's addresses beyond these are not tried: each costs a datagram. */
    static final int MAX_ADDRESSES = 16;

    private UdpRelayTimers() {}

    /** How long after turn number {@code turns} (from 1) of a search the next one is due. */
    static long gapAfter(int turns) {
        return BURST[Math.min(turns, BURST.length) - 1];
    }
}
