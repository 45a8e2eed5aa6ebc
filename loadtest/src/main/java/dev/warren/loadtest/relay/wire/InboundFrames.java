package dev.warren.loadtest.relay.wire;

import dev.warren.protocol.derp.Frame;
import dev.warren.protocol.derp.FrameType;
import dev.warren.protocol.derp.ProtocolException;
import dev.warren.protocol.key.NodePublicKey;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/**
 * Cuts what a relay sends into frames, in place. Of a packet only source and {@link Stamp} are looked at, so a
 * connection keeps at most the first hundred bytes of a partial frame; a packet is told when its last byte is there.
 */
public final class InboundFrames {
    /** The most bytes that are kept of a partial frame. */
    static final int MAX_KEPT = Frame.HEADER_LENGTH + NodePublicKey.LENGTH + Stamp.DISCO_BYTES + Stamp.BYTES;

    private static final int LOOKED_AT = MAX_KEPT - Frame.HEADER_LENGTH;
    private static final int RECV_PACKET = FrameType.RECV_PACKET.code();
    private static final int MAX_RECV = NodePublicKey.LENGTH + Frame.MAX_PACKET;
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

    /** Told of what comes. */
    interface Sink {
        /** A packet with a stamp, which {@code frames} has. */
        void packet(InboundFrames frames);

        /** A packet without a stamp. */
        void stranger();

        /** Another frame: its first {@code length} bytes of payload, which are all or at least 94. */
        void other(int type, MemorySegment source, long offset, int length);
    }

    private final Sink sink;
    private byte @Nullable [] kept;
    private int keptBytes;
    private int skip;
    private boolean packetPending;
    private int flow;
    private long sequence;
    private long sentNanos;
    private int size;
    private long source;

    InboundFrames(Sink sink) {
        this.sink = sink;
    }

    /** The flow in the packet's stamp. */
    public int flow() {
        return flow;
    }

    /** The sequence number in the stamp. */
    public long sequence() {
        return sequence;
    }

    /** The intended time of sending in the stamp. */
    public long sentNanos() {
        return sentNanos;
    }

    /** Bytes of the packet. */
    public int size() {
        return size;
    }

    /** The first eight bytes of the sender's key, big-endian. */
    public long source() {
        return source;
    }

    /** Puts what was kept of the last frame at the start of {@code target}; how many bytes that is. */
    int restore(MemorySegment target) {
        if (keptBytes > 0 && kept != null) {
            MemorySegment.copy(kept, 0, target, ValueLayout.JAVA_BYTE, 0, keptBytes);
        }
        return keptBytes;
    }

    /** Takes the {@code length} bytes at the start of {@code in}, which begin with what {@link #restore} put there. */
    void take(MemorySegment in, int length) {
        int at = Math.min(skip, length);
        skip -= at;
        if (skip == 0 && packetPending) {
            packetPending = false;
            sink.packet(this);
        }
        int next;
        while (length - at >= Frame.HEADER_LENGTH && (next = frame(in, at, length)) > at) {
            at = next;
        }
        keep(in, at, length);
    }

    /** Handles the frame at {@code at}; where the next one is, or {@code at} when too little of it is there. */
    private int frame(MemorySegment in, int at, int end) {
        int type = in.get(ValueLayout.JAVA_BYTE, at) & 0xff;
        int payload = in.get(INT, at + 1);
        int from = at + Frame.HEADER_LENGTH;
        int there = end - from;
        check(type, payload);
        if (there < Math.min(payload, LOOKED_AT)) {
            return at;
        }
        boolean isPacket = type == RECV_PACKET;
        boolean stamped = isPacket && read(in, from, payload);
        if (!isPacket) {
            sink.other(type, in, from, Math.min(payload, there));
        } else if (!stamped) {
            sink.stranger();
        }
        if (there >= payload) {
            if (stamped) {
                sink.packet(this);
            }
            return from + payload;
        }
        skip = payload - there;
        packetPending = stamped;
        return end;
    }

    private static void check(int type, int payload) {
        boolean isPacket = type == RECV_PACKET;
        if (payload < 0 || payload > (isPacket ? MAX_RECV : Frame.MAX_FROM_SERVER)) {
            throw new ProtocolException(
                    ProtocolException.Reason.FRAME_TOO_LONG,
                    "it sent a frame of type " + type + " with " + (payload & 0xffff_ffffL) + " bytes");
        }
        if (isPacket && payload < NodePublicKey.LENGTH) {
            throw new ProtocolException(
                    ProtocolException.Reason.FRAME_TOO_SHORT, "it sent a packet without its source");
        }
    }

    private boolean read(MemorySegment in, int from, int payload) {
        int packet = payload - NodePublicKey.LENGTH;
        long stamp = Stamp.find(in, from + NodePublicKey.LENGTH, packet);
        if (stamp < 0) {
            return false;
        }
        flow = Stamp.flow(in, stamp);
        sequence = Stamp.sequence(in, stamp);
        sentNanos = Stamp.sentNanos(in, stamp);
        size = packet;
        source = in.get(LONG, from);
        return true;
    }

    private void keep(MemorySegment in, int at, int end) {
        keptBytes = end - at;
        if (keptBytes > 0) {
            byte[] room = kept == null ? new byte[MAX_KEPT] : kept;
            MemorySegment.copy(in, ValueLayout.JAVA_BYTE, at, room, 0, keptBytes);
            kept = room;
        }
    }
}
