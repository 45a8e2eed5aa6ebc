package dev.warren.relay.client;

import dev.warren.protocol.derp.Frame;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import org.jspecify.annotations.Nullable;

/**
 * Cuts the buffers of one connection into frames without copying; only a frame that is split between two reads is put
 * together in a buffer of its own. Owned by the connection's event loop.
 */
final class FrameSplitter {
    /** Takes frames. */
    interface Sink {
        /** As {@link dev.warren.protocol.derp.FrameSink#begin}. */
        boolean begin(int code, long length);

        /**
         * A whole frame of {@code length} bytes, header included, at {@code start}. It may be changed in place, and
         * slices of it may be retained. False to be given no more frames until {@link FrameSplitter#resume}.
         */
        boolean frame(ByteBuf buffer, int start, int length);

        /** The buffers of the frames so far are given back after this: what is to outlive them must retain them now. */
        void handOn();
    }

    private static final int HEADER = Frame.HEADER_LENGTH;
    /** A frame of this length gets its buffer at once; that of a longer one grows with what arrives. */
    private static final int MAX_FORESEEN = HEADER + 32 + Frame.MAX_PACKET;

    private static final int FIRST_BYTES = 4096;

    private final Sink sink;
    private final ByteBufAllocator allocator;
    private @Nullable ByteBuf split;
    private boolean headerChecked;
    private long skipBytes;
    private boolean paused;

    FrameSplitter(Sink sink, ByteBufAllocator allocator) {
        this.sink = sink;
        this.allocator = allocator;
    }

    /** Takes what it can from {@code in}, which stays the caller's; less than all only after the sink said false. */
    void read(ByteBuf in) {
        try {
            while (in.isReadable() && !paused) {
                if (skipBytes > 0) {
                    int count = (int) Math.min(skipBytes, in.readableBytes());
                    in.skipBytes(count);
                    skipBytes -= count;
                } else if (split != null) {
                    gather(split, in);
                } else {
                    readWhole(in);
                }
            }
        } finally {
            sink.handOn();
        }
    }

    /** Lets frames through again after the sink said false. */
    void resume() {
        paused = false;
    }

    /** Gives its buffer back. */
    void close() {
        if (split != null) {
            split.release();
            split = null;
        }
    }

    private void readWhole(ByteBuf in) {
        int start = in.readerIndex();
        int available = in.readableBytes();
        if (available >= HEADER) {
            long length = in.getUnsignedInt(start + 1);
            if (!sink.begin(in.getUnsignedByte(start), length)) {
                in.skipBytes(HEADER);
                skipBytes = length;
                return;
            }
            if (available >= HEADER + length) {
                int whole = HEADER + (int) length;
                in.skipBytes(whole);
                paused = !sink.frame(in, start, whole);
                return;
            }
        }
        headerChecked = available >= HEADER;
        long whole = headerChecked ? HEADER + in.getUnsignedInt(start + 1) : FIRST_BYTES;
        split = allocator.buffer(whole <= MAX_FORESEEN ? (int) whole : FIRST_BYTES);
        split.writeBytes(in);
    }

    private void gather(ByteBuf into, ByteBuf in) {
        if (into.readableBytes() < HEADER) {
            into.writeBytes(in, Math.min(HEADER - into.readableBytes(), in.readableBytes()));
            if (into.readableBytes() < HEADER) {
                return;
            }
        }
        long length = into.getUnsignedInt(1);
        if (!headerChecked) {
            headerChecked = true;
            if (!sink.begin(into.getUnsignedByte(0), length)) {
                close();
                skipBytes = length;
                return;
            }
        }
        int missing = HEADER + (int) length - into.readableBytes();
        into.writeBytes(in, Math.min(missing, in.readableBytes()));
        if (into.readableBytes() == HEADER + length) {
            split = null;
            try {
                paused = !sink.frame(into, 0, into.readableBytes());
                sink.handOn();
            } finally {
                into.release();
            }
        }
    }
}
