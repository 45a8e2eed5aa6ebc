package dev.warren.platform.linux;

import java.net.InetSocketAddress;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * To whom trains with long segments do not go: the kernel cuts a single datagram that is too long for the way into
 * fragments, but refuses a train of such. Bounded: a new entry may push out another, whose train is then refused once
 * more. Belongs to one thread.
 */
final class TrainLimits {
    private static final int SLOTS = 256;

    private static final int SHIFT = Integer.numberOfLeadingZeros(SLOTS) + 1;
    private static final int GOLDEN_RATIO = 0x9E3779B9;

    private final @Nullable InetSocketAddress[] destinations = new InetSocketAddress[SLOTS];
    /** The shortest segment that was refused. */
    private final int[] refusedBytes = new int[SLOTS];

    private boolean isEmpty = true;

    TrainLimits() {}

    /** Whether a train with segments of {@code segmentBytes} may go to {@code destination}. */
    boolean allow(InetSocketAddress destination, int segmentBytes) {
        if (isEmpty) {
            return true;
        }
        int slot = slot(destination);
        return !destination.equals(destinations[slot]) || segmentBytes < refusedBytes[slot];
    }

    /** No train with segments so long, or longer, goes to {@code destination} any more. */
    void refuse(InetSocketAddress destination, int segmentBytes) {
        int slot = slot(destination);
        boolean isKnown = destination.equals(destinations[slot]);
        refusedBytes[slot] = isKnown ? Math.min(segmentBytes, refusedBytes[slot]) : segmentBytes;
        destinations[slot] = destination;
        isEmpty = false;
    }

    /** The ways may have changed: all is allowed again. */
    void clear() {
        Arrays.fill(destinations, null);
        isEmpty = true;
    }

    private static int slot(InetSocketAddress destination) {
        return (destination.hashCode() * GOLDEN_RATIO) >>> SHIFT;
    }
}
