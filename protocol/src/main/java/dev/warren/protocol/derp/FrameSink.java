package dev.warren.protocol.derp;

/** Takes the frames of one direction of one connection, in order. */
public interface FrameSink {
    /**
     * A header was read. True when {@link #frame} shall follow as soon as the payload is there, false to skip it;
     * throws {@link ProtocolException} when the frame may not be, before a byte of its payload is kept.
     *
     * @param code the type, 0 to 255, known or not
     * @param length bytes of payload, 0 to 2^32-1
     */
    boolean begin(int code, long length);

    /** A whole payload, of a frame for which {@link #begin} said yes; the bytes are the sink's until it returns. */
    void frame(FrameType type, byte[] buffer, int offset, int length);
}
