package dev.warren.protocol.derp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.warren.protocol.testing.Hex;
import dev.warren.protocol.testing.Seeds;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class FrameReaderTest {
    /** Keeps what it is handed; wants all frames of known types. */
    private static final class Kept implements FrameSink {
        final List<Frame> frames = new ArrayList<>();
        final List<String> headers = new ArrayList<>();
        final List<byte[]> buffers = new ArrayList<>();

        @Override
        public boolean begin(int code, long length) {
            headers.add(Integer.toHexString(code) + "/" + length);
            return FrameType.ofCode(code) != null;
        }

        @Override
        public void frame(FrameType type, byte[] buffer, int offset, int length) {
            buffers.add(buffer);
            frames.add(FrameCodec.decodePayload(type, buffer, offset, length));
        }
    }

    private final Kept kept = new Kept();
    private final FrameReader reader = new FrameReader(kept);

    @Test
    void shouldCutAStreamWhereverItIsCut() {
        Seeds.forEach(100, random -> {
            List<Frame> sent = new ArrayList<>();
            ByteArrayOutputStream stream = new ByteArrayOutputStream();
            for (int i = 0; i < 20; i++) {
                Frame frame = DerpSamples.frame(random);
                sent.add(frame);
                stream.writeBytes(FrameCodec.encode(frame));
            }
            Kept sink = new Kept();
            FrameReader cutter = new FrameReader(sink);
            byte[] bytes = stream.toByteArray();
            for (int at = 0; at < bytes.length; ) {
                int count = Math.min(bytes.length - at, 1 + random.nextInt(random.nextBoolean() ? 8 : 3000));
                cutter.receive(bytes, at, count);
                at += count;
            }
            assertEquals(sent, sink.frames);
        });
    }

    @Test
    void shouldHandOnAWholeFrameInPlace() {
        byte[] bytes = Hex.bytes("12 00000008 0000000000000001", "13 00000008 0000000000000002");
        reader.receive(bytes, 0, bytes.length);
        assertEquals(List.of(new Frame.Ping(1), new Frame.Pong(2)), kept.frames);
        kept.buffers.forEach(buffer -> assertSame(bytes, buffer));
    }

    @Test
    void shouldSkipWhatIsNotWanted() {
        byte[] bytes = Hex.bytes("77 00000003 aabbcc", "78 00000000", "06 00000000");
        for (byte one : bytes) {
            reader.receive(new byte[] {one}, 0, 1);
        }
        assertEquals(List.of("77/3", "78/0", "6/0"), kept.headers);
        assertEquals(List.of(new Frame.KeepAlive()), kept.frames);
    }

    @Test
    void shouldKeepNothingOfALengthThatIsOnlyClaimed() {
        byte[] header = Hex.bytes("02 ffffffff");
        for (int i = 0; i < 1000; i++) {
            // Each of them would need 4 GiB if the claim were believed.
            FrameReader fresh = new FrameReader(new Kept());
            fresh.receive(header, 0, header.length);
            fresh.receive(new byte[100], 0, 100);
        }
        reader.receive(header, 0, header.length);
        assertEquals(List.of("2/4294967295"), kept.headers);
    }

    @Test
    void shouldEndWithTheSinksError() {
        FrameReader strict = new FrameReader(new FrameSink() {
            @Override
            public boolean begin(int code, long length) {
                throw new ProtocolException(ProtocolException.Reason.FRAME_TOO_LONG, "no");
            }

            @Override
            public void frame(FrameType type, byte[] buffer, int offset, int length) {
                throw new AssertionError("not asked for");
            }
        });
        assertThrows(ProtocolException.class, () -> strict.receive(Hex.bytes("06 00000000"), 0, 5));
    }

    @Test
    void shouldRefuseASinkThatWantsTheUnknown() {
        FrameReader confused = new FrameReader(new FrameSink() {
            @Override
            public boolean begin(int code, long length) {
                return true;
            }

            @Override
            public void frame(FrameType type, byte[] buffer, int offset, int length) {
                throw new AssertionError("there is no such type");
            }
        });
        assertThrows(IllegalStateException.class, () -> confused.receive(Hex.bytes("77 00000000"), 0, 5));
    }
}
