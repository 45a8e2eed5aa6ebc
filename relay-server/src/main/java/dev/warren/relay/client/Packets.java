package dev.warren.relay.client;

import dev.warren.protocol.derp.Frame;
import dev.warren.protocol.derp.FrameType;
import dev.warren.protocol.key.NodePublicKey;
import dev.warren.relay.client.RelayMetrics.Kind;
import io.netty.buffer.ByteBuf;

/** What a relay sees of a packet inside its frame, and changes of the frame. */
public final class Packets {
    /** Where the packet starts in a SEND_PACKET or RECV_PACKET frame. */
    static final int START = Frame.HEADER_LENGTH + NodePublicKey.LENGTH;

    /** "TS" and U+1F4AC, which every disco message starts with, as the first six bytes of a long. */
    private static final long DISCO_MAGIC = 0x5453_f09f_92acL;
    /** Magic, sender's key, nonce: nothing shorter is a disco message. */
    private static final int MIN_DISCO = 6 + 32 + 24;

    private Packets() {}

    /** The kind of the packet in the whole frame that {@code frame}'s readable bytes are. */
    static Kind kind(ByteBuf frame) {
        return kind(frame, frame.readerIndex(), frame.readableBytes());
    }

    /** The kind of the packet in the frame of {@code length} bytes, header included, at {@code start}. */
    static Kind kind(ByteBuf buffer, int start, int length) {
        boolean disco = length - START >= MIN_DISCO && buffer.getLong(start + START) >>> Short.SIZE == DISCO_MAGIC;
        return disco ? Kind.DISCO : Kind.OTHER;
    }

    /**
     * Makes the SEND_PACKET frame at {@code start} a RECV_PACKET from the client with the 32 bytes of {@code sender},
     * in place: both have type, length and one key in front of the packet.
     */
    public static void readdress(ByteBuf buffer, int start, byte[] sender) {
        buffer.setByte(start, FrameType.RECV_PACKET.code());
        buffer.setBytes(start + Frame.HEADER_LENGTH, sender);
    }

    /**
     * Makes the end of the FORWARD_PACKET frame of {@code length} bytes at {@code start}, from 32 bytes behind its
     * start, a RECV_PACKET, in place: the source's key moves over the destination's, and the header in front of it.
     */
    static void unwrapForwarded(ByteBuf buffer, int start, int length) {
        int source = start + Frame.HEADER_LENGTH;
        int frame = start + NodePublicKey.LENGTH;
        for (int at = 0; at < NodePublicKey.LENGTH; at += Long.BYTES) {
            buffer.setLong(frame + Frame.HEADER_LENGTH + at, buffer.getLong(source + at));
        }
        buffer.setByte(frame, FrameType.RECV_PACKET.code());
        buffer.setInt(frame + 1, length - NodePublicKey.LENGTH - Frame.HEADER_LENGTH);
    }

    /** The bytes of the frame at {@code start}, header included. */
    static int frameLength(ByteBuf buffer, int start) {
        return Frame.HEADER_LENGTH + buffer.getInt(start + 1);
    }

    /** How many frames the readable bytes are, which are whole frames. */
    static int count(ByteBuf frames) {
        int count = 0;
        for (int at = frames.readerIndex(); at < frames.writerIndex(); at += frameLength(frames, at)) {
            count++;
        }
        return count;
    }
}
