package dev.warren.node.control;

import java.util.function.Consumer;

/** What a running node offers to its local socket. Called on the connection's thread. */
public interface ControlHandler {
    /** How the node and its peers are now. */
    NodeStatus status() throws InterruptedException;

    /**
     * Pings as asked and hands on each answer or loss; returns when all are done. Throws {@link
     * IllegalArgumentException} with a sentence for the user when there is no such peer.
     */
    void ping(ControlRequest.Ping request, Consumer<ControlReply> replies) throws InterruptedException;

    /** The relay map, and which of its regions is home; throws {@link IllegalStateException} before the first map. */
    ControlReply.Relays relays();

    /** Begins to stop the node; returns at once. */
    void down();
}
