package dev.warren.stun;

/**
 * How much an {@link AnswerLimit} gives to one prefix.
 *
 * @param perSecond answers a second in the long run, 1 to 1,000,000
 * @param burst answers at once after silence, 1 to 1,000,000
 */
public record AnswerRate(int perSecond, int burst) {
    private static final int MOST = 1_000_000;

    /** Throws IllegalArgumentException when one is out of range. */
    public AnswerRate {
        if (perSecond < 1 || perSecond > MOST || burst < 1 || burst > MOST) {
            throw new IllegalArgumentException("rate and burst must be within 1 to " + MOST);
        }
    }
}
