package dev.warren.relay.client;

import dev.warren.protocol.derp.Frame;
import dev.warren.protocol.derp.FrameCodec;
import dev.warren.protocol.derp.Payload;
import dev.warren.protocol.derp.PeerGoneReason;
import dev.warren.protocol.key.NodePublicKey;
import dev.warren.relay.client.RelayMetrics.Drop;
import dev.warren.relay.client.RelayMetrics.Kind;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The way of one client's packets to the others; owned by the client's event loop. */
final class PacketRouter {
    /** Power of two; a client talks to few peers at a time, and a collision costs a look-up in the registry only. */
    private static final int SLOTS = 64;

    private static final int KEY_AT = Frame.HEADER_LENGTH;

    private final RelayContext relay;
    private final ClientConnection sender;
    private final Peer self;
    private final byte[] key;
    private final NotHereLimit notHere = new NotHereLimit(System.nanoTime());
    private final @Nullable Peer[] found = new @Nullable Peer[SLOTS];
    private final @Nullable ClientConnection[] told = new @Nullable ClientConnection[SLOTS];

    /** Who gets the run that has begun: frames that lie one behind the other and go on as one. Null: there is none. */
    private @Nullable ClientConnection runReceiver;

    private ByteBuf runBuffer = Unpooled.EMPTY_BUFFER;
    private Kind runKind = Kind.OTHER;
    private int runStart;
    private int runEnd;
    private int runPackets;

    PacketRouter(RelayContext relay, ClientConnection sender, Peer self) {
        this.relay = relay;
        this.sender = sender;
        this.self = self;
        this.key = self.key().bytes();
    }

    /**
     * Routes the SEND_PACKET frame of {@code length} bytes, header included, at {@code start}: makes it a RECV_PACKET
     * in place, which has the same length. It goes on with those that follow it for the same receiver, at the latest
     * when {@link #handOn} is called.
     */
    @SuppressWarnings("ReferenceEquality") // the same buffer, not one with the same bytes
    void route(ByteBuf buffer, int start, int length) {
        Kind kind = Packets.kind(buffer, start, length);
        int slot = (int) buffer.getLong(start + KEY_AT) & (SLOTS - 1);
        Peer destination = destination(buffer, start + KEY_AT, slot);
        ClientConnection receiver = destination == null ? null : destination.active();
        if (receiver == null) {
            received(kind, 1, length);
            if (!isForRelay(buffer, start, length)) {
                forward(destination, buffer, start, length, kind);
            }
            return;
        }
        if (told[slot] != receiver) {
            told[slot] = receiver;
            receiver.hears(self);
        }
        Packets.readdress(buffer, start, key);
        if (receiver != runReceiver || start != runEnd || buffer != runBuffer || kind != runKind) {
            handOn();
            runReceiver = receiver;
            runBuffer = buffer;
            runKind = kind;
            runStart = start;
            runPackets = 0;
        }
        runEnd = start + length;
        runPackets++;
    }

    /** Hands on what has been routed; to be called before the buffer of the last frame is released. */
    void handOn() {
        ClientConnection receiver = runReceiver;
        if (receiver != null) {
            runReceiver = null;
            received(runKind, runPackets, runEnd - runStart);
            receiver.outbox().packets(runBuffer.retainedSlice(runStart, runEnd - runStart));
            runBuffer = Unpooled.EMPTY_BUFFER;
        }
    }

    private void received(Kind kind, int packets, int length) {
        int bytes = length - packets * Packets.START;
        relay.metrics().received(kind, packets, bytes);
        sender.counts().received(packets, bytes);
    }

    /** Not here: to another relay of the region when one has it. */
    private void forward(@Nullable Peer destination, ByteBuf buffer, int start, int length, Kind kind) {
        Forwarder forwarder = destination == null ? null : destination.forwarder();
        if (forwarder == null) {
            unknown(buffer, start + KEY_AT, kind);
        } else {
            forwarder.forward(key, buffer.retainedSlice(start + KEY_AT, length - KEY_AT), kind);
        }
    }

    /** Takes a packet for the relay itself, when that takes packets. */
    private boolean isForRelay(ByteBuf buffer, int start, int length) {
        OwnPackets own = relay.own();
        int size = length - Packets.START;
        if (own == null
                || size > OwnPackets.MAX_BYTES
                || !keyOf(buffer, start + KEY_AT).equals(own.key())) {
            return false;
        }
        byte[] packet = new byte[size];
        buffer.getBytes(start + Packets.START, packet);
        own.packet(self.key(), packet, answered -> answer(own.key(), answered));
        return true;
    }

    private void answer(NodePublicKey from, byte[] packet) {
        Frame frame = new Frame.RecvPacket(from, Payload.of(packet));
        sender.outbox().packets(Unpooled.wrappedBuffer(FrameCodec.encode(frame)));
    }

    private @Nullable Peer destination(ByteBuf buffer, int keyAt, int slot) {
        Peer peer = found[slot];
        if (peer != null && peer.isKnown() && peer.isAt(buffer, keyAt)) {
            return peer;
        }
        peer = relay.clients().find(buffer, keyAt);
        found[slot] = peer;
        told[slot] = null;
        return peer;
    }

    private void unknown(ByteBuf buffer, int keyAt, Kind kind) {
        relay.metrics().dropped(Drop.UNKNOWN_DESTINATION, kind);
        sender.counts().dropped(Drop.UNKNOWN_DESTINATION);
        if (kind == Kind.DISCO && notHere.allows(System.nanoTime())) {
            relay.metrics().peerGone(PeerGoneReason.NOT_HERE);
            sender.outbox().notice(new Frame.PeerGone(keyOf(buffer, keyAt), PeerGoneReason.NOT_HERE));
        }
    }

    static NodePublicKey keyOf(ByteBuf buffer, int keyAt) {
        byte[] bytes = new byte[NodePublicKey.LENGTH];
        buffer.getBytes(keyAt, bytes);
        return NodePublicKey.of(bytes);
    }

    /** Three at once, then one a second (derper's figures): a token bucket. */
    static final class NotHereLimit {
        private static final int BURST = 3;
        private static final long REFILL_NANOS = TimeUnit.SECONDS.toNanos(1);

        private int tokens = BURST;
        private long refilledNanos;

        NotHereLimit(long nowNanos) {
            this.refilledNanos = nowNanos;
        }

        boolean allows(long nowNanos) {
            long refills = (nowNanos - refilledNanos) / REFILL_NANOS;
            tokens = (int) Math.min(BURST, tokens + refills);
            refilledNanos += refills * REFILL_NANOS;
            if (tokens == 0) {
                return false;
            }
            tokens--;
            return true;
        }
    }
}
