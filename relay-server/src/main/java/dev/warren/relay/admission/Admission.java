package dev.warren.relay.admission;

import dev.warren.protocol.key.NodePublicKey;
import java.net.InetAddress;
import java.util.concurrent.CompletableFuture;

/** Decides about a client that has proved its key. */
@FunctionalInterface
public interface Admission extends AutoCloseable {
    /** Everybody. */
    Admission OPEN = (_, _) -> CompletableFuture.completedFuture(Verdict.ALLOWED);

    /** What was decided; one metric label each. */
    enum Verdict {
        /** Let in. */
        ALLOWED,
        /** The coordinator does not know the client. */
        DENIED,
        /** The coordinator did not answer in time, so nobody is let in. */
        UNREACHABLE,
        /** What answered is no coordinator, so nobody is let in. */
        BAD_ANSWER
    }

    /**
     * Decides about {@code client}, which connects from {@code source}; completes with a verdict, never with an error.
     */
    CompletableFuture<Verdict> admit(NodePublicKey client, InetAddress source);

    /** Ends what it holds. */
    @Override
    default void close() {}
}
