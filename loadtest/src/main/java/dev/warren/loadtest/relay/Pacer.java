package dev.warren.loadtest.relay;

import dev.warren.loadtest.relay.wire.Connection;

/** Decides when the flows of a thread send. */
sealed interface Pacer permits ClosedPacer, OpenPacer {
    /** Sending begins. */
    void start(Schedule schedule, Tally tally);

    /** Sends what is to be sent by now; when to be called again at the latest. */
    long pump(long nowNanos);

    /** Packets of {@code flow} arrived. */
    void arrived(Flow flow);

    /** The socket of {@code sender} takes bytes again. */
    void unblocked(Connection sender);

    /** The measured time is over: nothing new is to be sent. */
    void stop();

    /** Packets that were to be sent, and could not be yet. */
    long notSent();
}
