package dev.warren.protocol.disco;

import dev.warren.protocol.key.DiscoPublicKey;
import dev.warren.protocol.key.NodePublicKey;
import java.net.InetSocketAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What disco says inside its sealed envelope (nat-traversal.md section 1.2). */
public sealed interface DiscoMessage {
    /**
     * Asks whether this path works.
     *
     * @param id to be repeated in the pong
     * @param node whose disco key this is, where one disco key may stand for several nodes; null from very old senders
     * @param padding zero bytes behind it, to try a packet size
     */
    record Ping(TxId id, @Nullable NodePublicKey node, int padding) implements DiscoMessage {
        /** Throws IllegalArgumentException for negative padding or an all-zero node key, which means "none". */
        public Ping {
            if (padding < 0) {
                throw new IllegalArgumentException("padding of " + padding + " bytes");
            }
            if (node != null && node.isZero()) {
                throw new IllegalArgumentException("a ping's node key is all zero; leave it out");
            }
        }
    }

    /**
     * Answers a ping, to exactly where that came from.
     *
     * @param id the ping's
     * @param observed where the ping came from, as the answerer saw it
     */
    record Pong(TxId id, InetSocketAddress observed) implements DiscoMessage {
        /** Throws IllegalArgumentException when {@code observed} is a host name. */
        public Pong {
            requireAddress(observed);
        }
    }

    /**
     * Asks the peer to ping all of these; goes through a relay only.
     *
     * @param endpoints where the sender may be reached; empty from a sender that we do not understand
     */
    record CallMeMaybe(List<InetSocketAddress> endpoints) implements DiscoMessage {
        /** Copies the list; throws IllegalArgumentException when it has a host name. */
        public CallMeMaybe {
            endpoints = List.copyOf(endpoints);
            endpoints.forEach(DiscoMessage::requireAddress);
        }
    }

    /**
     * A client's first step to bind its leg of a relay session to the address that it sends from.
     *
     * @param binding what is to be bound
     */
    record BindRequest(Binding binding) implements DiscoMessage {}

    /**
     * The relay's second step, to the address that asked.
     *
     * @param binding the request's
     * @param challenge to be sent back from there
     */
    record BindChallenge(Binding binding, Challenge challenge) implements DiscoMessage {}

    /**
     * The client's third step: whoever can read at the address holds the client's key.
     *
     * @param binding the request's
     * @param challenge the relay's
     */
    record BindAnswer(Binding binding, Challenge challenge) implements DiscoMessage {}

    /**
     * Asks the peer to meet at a UDP relay; goes through a DERP relay only.
     *
     * @param session allocated for the two
     */
    record CallMeMaybeVia(RelaySession session) implements DiscoMessage {}

    /**
     * Asks a UDP relay for a session; goes through a DERP relay only.
     *
     * @param clients of whom the sender is one
     * @param generation to be repeated in the response
     */
    record AllocateRequest(DiscoPair clients, int generation) implements DiscoMessage {}

    /**
     * A UDP relay's answer to that.
     *
     * @param generation the request's
     * @param session new, or what the two have already
     */
    record AllocateResponse(int generation, RelaySession session) implements DiscoMessage {}

    /**
     * One leg of a relay session in a bind handshake.
     *
     * @param vni the session's number, again, as the Geneve header is not sealed
     * @param generation counts the client's handshakes; not zero
     * @param remote the disco key of the other client
     */
    record Binding(int vni, int generation, DiscoPublicKey remote) {}

    /** Throws IllegalArgumentException for a host name. */
    static void requireAddress(InetSocketAddress address) {
        if (address.isUnresolved()) {
            throw new IllegalArgumentException("not an address: " + address);
        }
    }
}
