package dev.warren.relay.client;

import dev.warren.protocol.derp.Frame;
import dev.warren.protocol.key.NodePublicKey;
import dev.warren.relay.client.RelayMetrics.Drop;
import dev.warren.relay.client.RelayMetrics.Kind;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * The way of the packets that one mesh peer forwards to clients of this relay; owned by the connection's event loop.
 * They go one hop only: a packet for somebody who is not here is dropped, wherever else it might be.
 */
final class ForwardedPackets {
    /** Power of two; a collision costs two look-ups. */
    private static final int SLOTS = 256;

    private static final int SOURCE_AT = Frame.HEADER_LENGTH;
    private static final int DESTINATION_AT = SOURCE_AT + NodePublicKey.LENGTH;

    private final RelayContext relay;
    private final ClientConnection via;
    private final PacketRouter.NotHereLimit notHere = new PacketRouter.NotHereLimit(System.nanoTime());
    /** Whose packets have been given to whom, so that the receiver is noted only once. */
    private final @Nullable Peer[] senders = new @Nullable Peer[SLOTS];

    private final @Nullable ClientConnection[] told = new @Nullable ClientConnection[SLOTS];

    ForwardedPackets(RelayContext relay, ClientConnection via) {
        this.relay = relay;
        this.via = via;
    }

    /**
     * Routes the FORWARD_PACKET frame of {@code length} bytes, header included, at {@code start}: makes its end a
     * RECV_PACKET in place and hands a slice of the buffer on.
     */
    void route(ByteBuf buffer, int start, int length) {
        int frameAt = start + NodePublicKey.LENGTH;
        int frameLength = length - NodePublicKey.LENGTH;
        Kind kind = Packets.kind(buffer, frameAt, frameLength);
        relay.metrics().forwardedIn(frameLength - Packets.START);
        Peer destination = relay.clients().find(buffer, start + DESTINATION_AT);
        ClientConnection receiver = destination == null ? null : destination.active();
        if (receiver == null) {
            unknown(buffer, start + DESTINATION_AT, kind);
            return;
        }
        note(buffer, start, receiver);
        Packets.unwrapForwarded(buffer, start, length);
        receiver.outbox().packets(buffer.retainedSlice(frameAt, frameLength));
    }

    /** The receiver wants to know when the sender leaves the region. */
    private void note(ByteBuf buffer, int start, ClientConnection receiver) {
        long mixed = buffer.getLong(start + SOURCE_AT) ^ buffer.getLong(start + DESTINATION_AT);
        int slot = (int) mixed & (SLOTS - 1);
        Peer sender = senders[slot];
        while (sender == null
                || told[slot] != receiver
                || !sender.isKnown()
                || !sender.isAt(buffer, start + SOURCE_AT)) {
            sender = relay.clients().sender(buffer, start + SOURCE_AT, via);
            if (sender == null) {
                return;
            }
            receiver.hears(sender);
            senders[slot] = sender;
            told[slot] = receiver;
        }
    }

    private void unknown(ByteBuf buffer, int keyAt, Kind kind) {
        relay.metrics().dropped(Drop.UNKNOWN_DESTINATION_FORWARDED, kind);
        if (kind == Kind.DISCO && notHere.allows(System.nanoTime())) {
            relay.clients().tellNotHere(PacketRouter.keyOf(buffer, keyAt), via);
        }
    }
}
