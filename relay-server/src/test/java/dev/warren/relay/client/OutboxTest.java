package dev.warren.relay.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.warren.protocol.derp.Frame;
import dev.warren.protocol.derp.FrameCodec;
import dev.warren.protocol.derp.Payload;
import dev.warren.protocol.key.NodePublicKey;
import dev.warren.relay.client.RelayMetrics.Drop;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.local.LocalChannel;
import io.netty.channel.local.LocalIoHandler;
import io.netty.util.concurrent.Future;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class OutboxTest {
    private static final int USER_BIT = 1;
    private static final byte[] DISCO_MAGIC = {'T', 'S', (byte) 0xf0, (byte) 0x9f, (byte) 0x92, (byte) 0xac};
    private static final int DISCO_BYTES = 100;

    private final EmbeddedChannel channel = new EmbeddedChannel();
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final ConnectionCounts counts = new ConnectionCounts();
    private final Outbox outbox = new Outbox(channel, new RelayMetrics(registry), counts);

    /** A RECV_PACKET frame whose packet is {@code bytes} long and filled with {@code fill}. */
    private static byte[] frame(int bytes, int fill) {
        byte[] packet = new byte[bytes];
        java.util.Arrays.fill(packet, (byte) fill);
        return frame(packet);
    }

    private static byte[] frame(byte[] packet) {
        NodePublicKey source = NodePublicKey.of(new byte[NodePublicKey.LENGTH]);
        return FrameCodec.encode(new Frame.RecvPacket(source, Payload.of(packet)));
    }

    private static byte[] disco() {
        return disco(0);
    }

    private static byte[] disco(int last) {
        byte[] packet = new byte[DISCO_BYTES];
        System.arraycopy(DISCO_MAGIC, 0, packet, 0, DISCO_MAGIC.length);
        packet[DISCO_BYTES - 1] = (byte) last;
        return frame(packet);
    }

    private void writable(boolean now) {
        channel.unsafe().outboundBuffer().setUserDefinedWritability(USER_BIT, now);
    }

    private double dropped(Drop reason, String kind) {
        return registry.get("warren.relay.dropped")
                .tags("reason", RelayMetrics.tag(reason), "kind", kind)
                .counter()
                .count();
    }

    @Test
    void shouldWriteARunAsOneAndCountEachPacket() {
        ByteBuf run = Unpooled.wrappedBuffer(frame(10, 1), frame(0, 2), frame(1400, 3));
        ByteBuf expected = run.copy();
        outbox.packets(run);
        channel.runPendingTasks();
        assertEquals(expected, channel.readOutbound());
        assertNull(channel.readOutbound());
        assertEquals(3, counts.sentPackets());
        assertEquals(1410, counts.sentBytes());
        assertEquals(3, registry.get("warren.relay.sent.packets").counter().count());
        assertEquals(1410, registry.get("warren.relay.sent.bytes").counter().count());
    }

    /** What has to wait does so alone, so that the queues drop single packets and disco goes first. */
    @Test
    void shouldCutARunThatHasToWait() {
        writable(false);
        outbox.packets(Unpooled.wrappedBuffer(frame(10, 1), disco(), frame(1400, 3)));
        channel.runPendingTasks();
        assertNull(channel.readOutbound());
        assertEquals(0, counts.sentPackets());
        assertEquals(10 + DISCO_BYTES + 1400 + 3 * Packets.START, outbox.queuedBytes());
        writable(true);
        outbox.turn();
        for (byte[] next : new byte[][] {disco(), frame(10, 1), frame(1400, 3)}) {
            assertEquals(Unpooled.wrappedBuffer(next), channel.readOutbound());
        }
        assertEquals(3, counts.sentPackets());
        assertEquals(0, outbox.queuedBytes());
    }

    @Test
    void shouldCountEachPacketOfARunThatComesTooLate() {
        outbox.close();
        ByteBuf run = Unpooled.wrappedBuffer(frame(10, 1), disco(), frame(1400, 3));
        outbox.packets(run);
        assertEquals(0, run.refCnt());
        assertEquals(2, dropped(Drop.DESTINATION_GONE, "other"));
        assertEquals(1, dropped(Drop.DESTINATION_GONE, "disco"));
        assertEquals(Map.of(Drop.DESTINATION_GONE, 3L), counts.drops());
    }

    @Test
    void shouldWriteControlFirstThenDiscoThenTheRest() {
        writable(false);
        outbox.packets(Unpooled.wrappedBuffer(frame(10, 1)));
        outbox.packets(Unpooled.wrappedBuffer(disco()));
        outbox.pong(7);
        outbox.notice(new Frame.KeepAlive());
        channel.runPendingTasks();
        assertNull(channel.readOutbound());
        writable(true);
        outbox.turn();
        byte[][] expected = {
            FrameCodec.encode(new Frame.KeepAlive()), FrameCodec.encode(new Frame.Pong(7)), disco(), frame(10, 1)
        };
        for (byte[] next : expected) {
            assertEquals(Unpooled.wrappedBuffer(next), channel.readOutbound());
        }
        assertNull(channel.readOutbound());
    }

    @Test
    void shouldLetTheOldestDiscoPacketsMakeRoom() {
        writable(false);
        for (int i = 0; i < Outbox.DISCO_PACKETS + 2; i++) {
            outbox.packets(Unpooled.wrappedBuffer(disco(i)));
        }
        assertEquals(2, dropped(Drop.QUEUE_HEAD, "disco"));
        writable(true);
        outbox.turn();
        for (int i = 2; i < Outbox.DISCO_PACKETS + 2; i++) {
            assertEquals(Unpooled.wrappedBuffer(disco(i)), channel.readOutbound());
        }
        assertNull(channel.readOutbound());
    }

    /** How long that is says {@code PacketBacklogTest}; a second is too long in any case. */
    @Test
    void shouldCountWhatHasWaitedForTooLong() {
        writable(false);
        outbox.packets(Unpooled.wrappedBuffer(frame(10, 1), frame(20, 2), disco()));
        long begin = System.nanoTime();
        while (System.nanoTime() - begin <= TimeUnit.SECONDS.toNanos(1)) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
        }
        writable(true);
        outbox.turn();
        assertEquals(Unpooled.wrappedBuffer(disco()), channel.readOutbound());
        assertNull(channel.readOutbound());
        assertEquals(2, dropped(Drop.QUEUE_DELAY, "other"));
        assertEquals(Map.of(Drop.QUEUE_DELAY, 2L), counts.drops());
    }

    @Test
    void shouldBoundTheNoticesThatWait() {
        writable(false);
        for (int i = 0; i < Outbox.MAX_NOTICES + 3; i++) {
            outbox.notice(new Frame.KeepAlive());
        }
        assertEquals(3, dropped(Drop.NOTICES_FULL, "other"));
        assertEquals(Map.of(Drop.NOTICES_FULL, 3L), counts.drops());
    }

    /** Another client's event loop gives more than this one takes over: the newest are dropped. */
    @Test
    void shouldBoundWhatAnotherThreadHandsOver() throws Exception {
        CountDownLatch busy = new CountDownLatch(1);
        EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, LocalIoHandler.newFactory());
        try {
            Channel slow = new LocalChannel();
            group.register(slow).sync();
            Outbox handedTo = new Outbox(slow, new RelayMetrics(registry), counts);
            Future<?> closed = slow.eventLoop().submit(() -> {
                busy.await();
                handedTo.close();
                return true;
            });
            for (int i = 0; i < Outbox.INBOX_PACKETS; i++) {
                handedTo.packets(Unpooled.wrappedBuffer(frame(10, 1)));
            }
            assertEquals(0, dropped(Drop.INBOX_FULL, "other"));
            handedTo.packets(Unpooled.wrappedBuffer(frame(10, 1), disco()));
            assertEquals(1, dropped(Drop.INBOX_FULL, "other"));
            assertEquals(1, dropped(Drop.INBOX_FULL, "disco"));
            busy.countDown();
            closed.sync();
            assertEquals(Outbox.INBOX_PACKETS, dropped(Drop.DESTINATION_GONE, "other"));
        } finally {
            busy.countDown();
            var _ = group.shutdownGracefully(0, 1, TimeUnit.SECONDS);
        }
    }
}
