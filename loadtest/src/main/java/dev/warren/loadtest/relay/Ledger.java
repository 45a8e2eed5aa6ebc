package dev.warren.loadtest.relay;

import org.jspecify.annotations.Nullable;

/**
 * What one flow sent and what of it arrived, by sequence numbers. A number that was passed over counts as missing, and
 * is taken back if it comes later: out of order then. Pure, for one thread.
 */
final class Ledger {
    /** How far back a missing number is remembered. */
    static final int MEMORY = 4096;

    private long next;
    private long expected;
    /** One bit for each of the last {@link #MEMORY} numbers below {@link #expected}: it has not come. */
    private long @Nullable [] missing;

    private long measuredFrom = Long.MAX_VALUE;
    private long measured;
    private long outOfOrder;
    private long duplicates;

    /** Takes {@code count} numbers for sending; the first of them. */
    long send(int count) {
        long first = next;
        next += count;
        return first;
    }

    /** Packets that may still be on their way: neither arrived nor passed over. */
    int inFlight() {
        return (int) (next - expected);
    }

    /** A packet came; whether it is one that had not come before. */
    boolean arrived(long sequence) {
        if (sequence < expected) {
            return arrivedLate(sequence);
        }
        if (sequence >= next) {
            duplicates++; // Nobody sent it: the relay made it up.
            return false;
        }
        if (sequence > expected) {
            pass(sequence);
        } else if (missing != null) {
            clear(missing, sequence);
        }
        expected = sequence + 1;
        measured += sequence >= measuredFrom ? 1 : 0;
        return true;
    }

    /** Counts everything that is in flight as missing. */
    void giveUp() {
        if (expected < next) {
            pass(next);
            expected = next;
        }
    }

    /** What is sent from now on is measured. */
    void measure() {
        measuredFrom = next;
    }

    /** How many of the measured packets were sent. */
    long sent() {
        return Math.max(0, next - measuredFrom);
    }

    /** How many of them arrived. */
    long delivered() {
        return measured;
    }

    /** How many of them came after one that was sent later. */
    long outOfOrder() {
        return outOfOrder;
    }

    /** Packets that came twice, or that nobody sent. */
    long duplicates() {
        return duplicates;
    }

    private boolean arrivedLate(long sequence) {
        boolean wasMissing =
                sequence >= 0 && expected - sequence <= MEMORY && missing != null && clear(missing, sequence);
        if (!wasMissing) {
            duplicates++;
            return false;
        }
        if (sequence >= measuredFrom) {
            measured++;
            outOfOrder++;
        }
        return true;
    }

    /** Notes the numbers from {@link #expected} up to {@code end}, exclusive, as missing. */
    private void pass(long end) {
        long[] bits = missing == null ? new long[MEMORY / Long.SIZE] : missing;
        missing = bits;
        for (long sequence = Math.max(expected, end - MEMORY); sequence < end; sequence++) {
            bits[word(sequence)] |= 1L << sequence;
        }
        if (end < next) {
            clear(bits, end);
        }
    }

    private static boolean clear(long[] bits, long sequence) {
        long bit = 1L << sequence;
        boolean was = (bits[word(sequence)] & bit) != 0;
        bits[word(sequence)] &= ~bit;
        return was;
    }

    private static int word(long sequence) {
        return (int) (sequence % MEMORY) / Long.SIZE;
    }
}
