package dev.warren.protocol.wireguard;

/**
 * The counters that a session has seen (RFC 6479): a ring of 128 words of which one is redundant, so 8128 counters
 * behind the newest are told apart. Counters are unsigned.
 */
public final class ReplayWindow {
    /** How far behind the newest counter one is still accepted. */
    public static final int SIZE = 8128;

    private static final int WORDS = 128;
    private static final int WORD_SHIFT = 6;

    private final long[] ring = new long[WORDS];
    private long newest;

    /** Nothing seen yet. */
    public ReplayWindow() {}

    /** Whether this counter is new; if it is, it counts as seen from now on. Only for authenticated messages. */
    public boolean accept(long counter) {
        if (Long.compareUnsigned(counter, Constants.REJECT_AFTER_MESSAGES) >= 0) {
            return false;
        }
        if (Long.compareUnsigned(counter, newest) > 0) {
            clearWordsUpTo(counter);
            newest = counter;
        } else if (Long.compareUnsigned(newest - counter, SIZE) > 0) {
            return false;
        }
        int word = (int) (counter >>> WORD_SHIFT) & (WORDS - 1);
        long bit = 1L << counter;
        boolean fresh = (ring[word] & bit) == 0;
        ring[word] |= bit;
        return fresh;
    }

    private void clearWordsUpTo(long counter) {
        long current = newest >>> WORD_SHIFT;
        long steps = Math.min((counter >>> WORD_SHIFT) - current, WORDS);
        for (long i = 1; i <= steps; i++) {
            ring[(int) (current + i) & (WORDS - 1)] = 0;
        }
    }
}
