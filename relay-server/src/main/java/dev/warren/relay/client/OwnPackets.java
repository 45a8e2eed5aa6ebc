package dev.warren.relay.client;

import dev.warren.protocol.key.DiscoPublicKey;
import dev.warren.protocol.key.NodePublicKey;

/** Takes the packets that clients send to the relay's own key. */
public interface OwnPackets extends AutoCloseable {
    /** A longer packet is dropped as one to a key that is not here: no request has so many bytes. */
    int MAX_BYTES = 1_024;

    /** The way back to the client; may be used by any thread, and after the client has left. */
    @FunctionalInterface
    interface Answer {
        /** Sends it a packet from the relay's own key. */
        void send(byte[] packet);
    }

    /** The relay's key. */
    NodePublicKey key();

    /** The disco key that opens them. */
    DiscoPublicKey discoKey();

    /** The UDP port that they are about. */
    int port();

    /** A packet of a client, on the thread of its connection, which must not be held up. */
    void packet(NodePublicKey client, byte[] packet, Answer answer);

    /** The client with this key has been let in, and would not be any more. Any thread. */
    void revoked(NodePublicKey client);

    @Override
    void close();
}
