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
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.Map;
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
        byte[] packet = new byte[DISCO_BYTES];
        System.arraycopy(DISCO_MAGIC, 0, packet, 0, DISCO_MAGIC.length);
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
}
