package dev.warren.loadtest.stream;

import java.io.IOException;

/** Two ends of a tunnel that know each other through the relay. Closing ends both. */
interface Pair extends AutoCloseable {
    /**
     * What the pair says of itself.
     *
     * @param relayedBytes of the left end's tunnel that came out of the relay at the right end
     * @param droppedBefore packets that an end could not hand to the relay
     * @param droppedBehind packets of the relay that an end could not take in
     */
    record Counts(long relayedBytes, long droppedBefore, long droppedBehind) {}

    /** The right end's address in the tunnel. */
    String address();

    /** Waits until both ends send by the way that is measured; they have exchanged something before. */
    default void settle() throws IOException, InterruptedException {}

    /** The processes of both ends; none where they are within this process. */
    long[] pids();

    /** What has been relayed up to now; an IOException when the ends do not reach each other through the relay. */
    Counts counts() throws IOException;

    @Override
    void close();
}
