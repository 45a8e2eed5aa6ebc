package dev.warren.protocol.disco;

import dev.warren.protocol.key.DiscoPublicKey;

/**
 * The disco keys of two clients of a UDP relay, in the order of their bytes, so that both name their pair alike.
 *
 * @param low the smaller one
 * @param high the other one
 */
public record DiscoPair(DiscoPublicKey low, DiscoPublicKey high) {
    private static final int WORDS = DiscoPublicKey.LENGTH / Long.BYTES;

    /** Puts the two into order. */
    public DiscoPair {
        if (compare(low, high) > 0) {
            DiscoPublicKey swapped = low;
            low = high;
            high = swapped;
        }
    }

    /** Whether {@code key} is one of the two. */
    public boolean contains(DiscoPublicKey key) {
        return low.equals(key) || high.equals(key);
    }

    /** The one that is not {@code key}. */
    public DiscoPublicKey other(DiscoPublicKey key) {
        return low.equals(key) ? high : low;
    }

    /** Whether both are the same key, between which there is nothing to relay. */
    public boolean isSelf() {
        return low.equals(high);
    }

    /** Below, at or above zero as {@code one} comes before {@code other} or after it. */
    public static int compare(DiscoPublicKey one, DiscoPublicKey other) {
        for (int i = 0; i < WORDS; i++) {
            int order = Long.compareUnsigned(one.word(i), other.word(i));
            if (order != 0) {
                return order;
            }
        }
        return 0;
    }
}
