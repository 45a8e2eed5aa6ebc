package dev.warren.protocol.derp;

import java.util.Arrays;

/**
 * Cuts a stream of bytes into frames. A frame that lies whole in what arrived is handed on in place; only one that is
 * cut is gathered, in a buffer that grows with what has arrived, so a length that was merely claimed costs nothing.
 * Owned by one thread.
 */
public final class FrameReader {
    private static final int FIRST_SIZE = 4096;

    private final FrameSink sink;
    private final byte[] header = new byte[Frame.HEADER_LENGTH];
    private byte[] gathered = new byte[0];
    private int headerFilled;
    private int filled;
    private long missing;
    private boolean wanted;

    /** Hands frames to {@code sink}. */
    public FrameReader(FrameSink sink) {
        this.sink = sink;
    }

    /** Takes the next bytes of the stream; throws what the sink throws, after which the stream is over. */
    public void receive(byte[] buffer, int offset, int length) {
        int at = offset;
        int end = offset + length;
        while (at < end || (headerFilled == Frame.HEADER_LENGTH && missing == 0)) {
            if (headerFilled < Frame.HEADER_LENGTH) {
                at += readHeader(buffer, at, end);
            } else {
                at += readPayload(buffer, at, end);
            }
        }
    }

    private int readHeader(byte[] buffer, int at, int end) {
        int count = Math.min(Frame.HEADER_LENGTH - headerFilled, end - at);
        System.arraycopy(buffer, at, header, headerFilled, count);
        headerFilled += count;
        if (headerFilled == Frame.HEADER_LENGTH) {
            missing = FrameCodec.payloadLength(header, 0);
            wanted = sink.begin(header[0] & 0xff, missing);
            filled = 0;
        }
        return count;
    }

    private int readPayload(byte[] buffer, int at, int end) {
        int count = (int) Math.min(missing, end - at);
        boolean whole = filled == 0 && count == missing;
        if (wanted && !whole) {
            gather(buffer, at, count);
        }
        missing -= count;
        if (missing == 0) {
            headerFilled = 0;
            if (wanted) {
                deliver(whole ? buffer : gathered, whole ? at : 0, whole ? count : filled);
            }
        }
        return count;
    }

    private void deliver(byte[] buffer, int offset, int length) {
        FrameType type = FrameType.ofCode(header[0] & 0xff);
        if (type == null) {
            throw new IllegalStateException("the sink asked for a frame of an unknown type");
        }
        sink.frame(type, buffer, offset, length);
    }

    private void gather(byte[] buffer, int at, int count) {
        if (gathered.length < filled + count) {
            int doubled = Math.max(FIRST_SIZE, 2 * gathered.length);
            gathered = Arrays.copyOf(gathered, Math.max(doubled, filled + count));
        }
        System.arraycopy(buffer, at, gathered, filled, count);
        filled += count;
    }
}
