package dev.warren.loadtest.bench;

import dev.warren.protocol.derp.Frame;
import dev.warren.protocol.derp.FrameCodec;
import dev.warren.protocol.derp.FrameReader;
import dev.warren.protocol.derp.FrameSink;
import dev.warren.protocol.derp.FrameType;
import dev.warren.protocol.key.NodePublicKey;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** DERP frames as the agent's connection writes and reads them. */
@Title("DERP frames")
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class FrameBench {
    private static final int PACKET_LENGTH = 1420;

    private final byte[] frame = new byte[Frame.HEADER_LENGTH + NodePublicKey.LENGTH + PACKET_LENGTH];
    private final Counting sink = new Counting();
    private final FrameReader reader = new FrameReader(sink);
    private int length = NodePublicKey.LENGTH + PACKET_LENGTH;

    /** A stream of frames of 1420-byte packets. */
    public FrameBench() {
        encodeHeader();
    }

    /** Type and length in front of a packet that lies in place. */
    @Benchmark
    @Title("header written in front of a packet")
    public byte[] encodeHeader() {
        FrameCodec.writeHeader(FrameType.RECV_PACKET, length, frame, 0);
        return frame;
    }

    /** One whole frame out of the stream, handed on in place. */
    @Benchmark
    @Title("frame of 1420 B read and handed on in place")
    public long decodeFrame() {
        reader.receive(frame, 0, frame.length);
        return sink.bytes;
    }

    /** Takes every frame. */
    private static final class Counting implements FrameSink {
        private long bytes;

        @Override
        public boolean begin(int code, long length) {
            return FrameType.ofCode(code) != null;
        }

        @Override
        public void frame(FrameType type, byte[] buffer, int offset, int length) {
            bytes += length + buffer[offset];
        }
    }
}
