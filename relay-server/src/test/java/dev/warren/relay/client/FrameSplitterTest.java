package dev.warren.relay.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.protocol.derp.Frame;
import dev.warren.protocol.derp.FrameCodec;
import dev.warren.protocol.derp.Payload;
import dev.warren.protocol.key.NodePublicKey;
import dev.warren.protocol.testing.Hex;
import dev.warren.protocol.testing.Seeds;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class FrameSplitterTest {
    /** Keeps frames; skips type 0x99; can say stop after each frame. */
    private static final class Kept implements FrameSplitter.Sink {
        final List<String> frames = new ArrayList<>();
        final List<ByteBuf> buffers = new ArrayList<>();
        boolean stops;
        int handedOn;

        @Override
        public boolean begin(int code, long length) {
            return code != 0x99 && length < 1 << 20;
        }

        @Override
        public boolean frame(ByteBuf buffer, int start, int length) {
            buffers.add(buffer);
            frames.add(Hex.text(ByteBufUtil.getBytes(buffer, start, length)));
            return !stops;
        }

        @Override
        public void handOn() {
            assertTrue(buffers.stream().skip(handedOn).allMatch(buffer -> buffer.refCnt() > 0), "released too early");
            handedOn = buffers.size();
        }
    }

    private final Kept kept = new Kept();
    private final FrameSplitter splitter = new FrameSplitter(kept, UnpooledByteBufAllocator.DEFAULT);

    @Test
    void shouldCutAStreamWhereverItIsCut() {
        Seeds.forEach(100, random -> {
            List<String> sent = new ArrayList<>();
            ByteArrayOutputStream stream = new ByteArrayOutputStream();
            for (int i = 0; i < 20; i++) {
                byte[] frame = FrameCodec.encode(new Frame.SendPacket(key(random), packet(random)));
                if (random.nextInt(5) == 0) {
                    frame[0] = (byte) 0x99;
                } else {
                    sent.add(Hex.text(frame));
                }
                stream.writeBytes(frame);
            }
            Kept sink = new Kept();
            FrameSplitter cutter = new FrameSplitter(sink, UnpooledByteBufAllocator.DEFAULT);
            byte[] bytes = stream.toByteArray();
            for (int at = 0; at < bytes.length; ) {
                int count = Math.min(bytes.length - at, 1 + random.nextInt(random.nextBoolean() ? 8 : 4000));
                ByteBuf piece = Unpooled.copiedBuffer(bytes, at, count);
                cutter.read(piece);
                assertEquals(0, piece.readableBytes());
                piece.release();
                at += count;
            }
            cutter.close();
            assertEquals(sent, sink.frames);
            assertEquals(sent.size(), sink.handedOn);
        });
    }

    @Test
    void shouldHandOnWholeFramesInPlace() {
        ByteBuf in = Unpooled.wrappedBuffer(Hex.bytes("06 00000000", "12 00000008 0102030405060708"));
        splitter.read(in);
        assertEquals(List.of("0600000000", "12000000080102030405060708"), kept.frames);
        kept.buffers.forEach(buffer -> assertSame(in, buffer));
    }

    @Test
    void shouldStopWhenToldAndGoOnLater() {
        kept.stops = true;
        ByteBuf in = Unpooled.wrappedBuffer(Hex.bytes("02 00000001 aa", "07 00000001 01"));
        splitter.read(in);
        assertEquals(List.of("0200000001aa"), kept.frames);
        assertEquals(6, in.readableBytes());
        splitter.read(in);
        assertEquals(6, in.readableBytes());
        splitter.resume();
        splitter.read(in);
        assertEquals(List.of("0200000001aa", "070000000101"), kept.frames);
    }

    @Test
    void shouldGiveItsBufferBack() {
        splitter.read(Unpooled.wrappedBuffer(Hex.bytes("02 00000009 aa")));
        splitter.close();
        splitter.close();
        assertTrue(kept.frames.isEmpty());
    }

    @Test
    void shouldLimitNoticesToThreeAtOnceAndOneASecond() {
        PacketRouter.NotHereLimit limit = new PacketRouter.NotHereLimit(1_000_000_000L);
        List<Boolean> allowed = new ArrayList<>();
        for (long nowMillis :
                new long[] {1000, 1000, 1000, 1000, 1999, 2000, 2500, 2999, 3000, 60_000, 60_000, 60_000, 60_000}) {
            allowed.add(limit.allows(nowMillis * 1_000_000));
        }
        assertEquals(
                List.of(true, true, true, false, false, true, false, false, true, true, true, true, false), allowed);
    }

    @Test
    void shouldTakeAnyBytes() {
        Seeds.forEach(500, random -> {
            FrameSplitter any = new FrameSplitter(new Kept(), UnpooledByteBufAllocator.DEFAULT);
            for (int i = 0; i < 20; i++) {
                byte[] bytes = new byte[random.nextInt(100)];
                random.nextBytes(bytes);
                any.read(Unpooled.wrappedBuffer(bytes));
            }
            any.close();
        });
    }

    private static NodePublicKey key(RandomGenerator random) {
        byte[] bytes = new byte[NodePublicKey.LENGTH];
        random.nextBytes(bytes);
        return NodePublicKey.of(bytes);
    }

    private static Payload packet(RandomGenerator random) {
        byte[] bytes = new byte[random.nextInt(random.nextInt(10) == 0 ? 60_000 : 1500)];
        random.nextBytes(bytes);
        return Payload.of(bytes);
    }
}
