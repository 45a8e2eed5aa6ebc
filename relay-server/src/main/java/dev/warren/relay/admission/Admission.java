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
        ALLOWED("it is allowed"),
        /** Nobody could be asked, and the operator wants clients let in then. */
        FAILED_OPEN("nobody could be asked about it, and --verify-fail-open is set"),
        /** The verify URL says no. */
        DENIED("the verify URL says no"),
        /** On the deny list. */
        DENY_LISTED("its key is on the deny list"),
        /** There is an allow list that it is not on, and nobody to ask. */
        NOT_LISTED("its key is not on the allow list"),
        /** The verify URL did not answer in time, so nobody is let in. */
        UNREACHABLE("the verify URL cannot be reached"),
        /** What answered at the verify URL answered something else, so nobody is let in. */
        BAD_ANSWER("the verify URL gives no proper answer"),
        /** More clients wait for an answer than the relay keeps in mind. */
        TOO_MANY_WAIT("too many wait for the verify URL's answer already");

        private final String reason;

        Verdict(String reason) {
            this.reason = reason;
        }

        /** Whether the client may use the relay. */
        public boolean letsIn() {
            return this == ALLOWED || this == FAILED_OPEN;
        }

        /** Whether it says nothing about the client itself: another time it may be let in. */
        public boolean isUncertain() {
            return this == UNREACHABLE || this == BAD_ANSWER || this == TOO_MANY_WAIT;
        }

        /** Why, as the end of a sentence about the client. */
        public String reason() {
            return reason;
        }
    }

    /**
     * Decides about {@code client}, which connects from {@code source}; completes with a verdict, never with an error.
     */
    CompletableFuture<Verdict> admit(NodePublicKey client, InetAddress source);

    /** Decides anew about a client that was let in once: nothing that was remembered counts. */
    default CompletableFuture<Verdict> confirm(NodePublicKey client, InetAddress source) {
        return admit(client, source);
    }

    /** Whether {@code client} is surely not let in, as far as can be told without asking anybody. */
    default boolean isDenied(NodePublicKey client) {
        return false;
    }

    /** Ends what it holds. */
    @Override
    default void close() {}
}
