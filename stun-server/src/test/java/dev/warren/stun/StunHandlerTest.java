package dev.warren.stun;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.protocol.stun.BindingRequest;
import dev.warren.protocol.stun.ResponderConfig;
import dev.warren.protocol.stun.TransactionId;
import dev.warren.protocol.testing.Seeds;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.socket.DatagramPacket;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The handler without a socket, for what a socket does seldom. */
@Timeout(30)
final class StunHandlerTest {
    private static final InetSocketAddress SOURCE = new InetSocketAddress(InetAddress.ofLiteral("192.0.2.1"), 9);
    private static final InetSocketAddress SERVER = new InetSocketAddress(InetAddress.ofLiteral("192.0.2.2"), 3478);
    private static final byte[] REQUEST = BindingRequest.plain(new TransactionId(1, 2));

    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final StunHandler handler =
            new StunHandler(new Answering(ResponderConfig.SIMPLE, new StunMetrics(registry).newCounts(), null));

    @Test
    void shouldAnswerToTheSourceOnceTheBatchIsRead() {
        EmbeddedChannel channel = new EmbeddedChannel(handler);
        DatagramPacket request = packet(REQUEST);
        ChannelFuture _ = channel.writeOneInbound(request);
        assertNull(channel.readOutbound(), "not before the batch is over");
        channel.flushInbound();
        DatagramPacket answer = assertNotNullPacket(channel);
        assertEquals(SOURCE, answer.recipient());
        assertEquals(32, answer.content().readableBytes());
        assertEquals(0, request.refCnt(), "released");
        answer.release();
        channel.finish();
    }

    @Test
    void shouldDropAnswersWhenTheQueueIsFull() {
        EmbeddedChannel channel = new EmbeddedChannel(handler);
        channel.unsafe().outboundBuffer().setUserDefinedWritability(1, false);
        channel.writeInbound(packet(REQUEST));
        assertNull(channel.readOutbound());
        assertEquals(1, unsent("queue_full"));
        channel.finish();
    }

    @Test
    void shouldCountAnswersThatTheKernelRefused() {
        EmbeddedChannel channel = new EmbeddedChannel(new RefusingKernel(), handler);
        channel.writeInbound(packet(REQUEST));
        assertEquals(1, unsent("send_failed"));
        assertTrue(channel.isOpen());
        channel.finish();
    }

    @Test
    void shouldStayOpenWhenReadingFails() {
        EmbeddedChannel channel = new EmbeddedChannel(handler);
        channel.pipeline().fireExceptionCaught(new IOException("no buffer space"));
        assertTrue(channel.isOpen());
        channel.finish();
    }

    @Test
    void shouldSurviveHostileDatagrams() {
        EmbeddedChannel channel = new EmbeddedChannel(handler);
        Seeds.forEach(200, random -> {
            byte[] bytes = Arrays.copyOf(REQUEST, random.nextInt(3000));
            for (int flips = random.nextInt(4); flips > 0 && bytes.length > 0; flips--) {
                bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
            }
            DatagramPacket hostile = packet(bytes);
            channel.writeInbound(hostile);
            assertEquals(0, hostile.refCnt(), "released");
            channel.releaseOutbound();
        });
        assertTrue(channel.isOpen());
        channel.finish();
    }

    private double unsent(String reason) {
        return registry.get("warren.stun.unsent")
                .tag("reason", reason)
                .functionCounter()
                .count();
    }

    private static DatagramPacket assertNotNullPacket(EmbeddedChannel channel) {
        DatagramPacket packet = channel.readOutbound();
        assertNotNull(packet);
        return packet;
    }

    private static DatagramPacket packet(byte[] bytes) {
        // Not copiedBuffer: of no bytes that makes the one empty buffer, which nobody can release.
        return new DatagramPacket(Unpooled.buffer().writeBytes(bytes), SERVER, SOURCE);
    }

    /** Fails every write, as the kernel does for a source that has no route. */
    private static final class RefusingKernel extends ChannelOutboundHandlerAdapter {
        @Override
        public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
            ReferenceCountUtil.release(message);
            promise.setFailure(new IOException("Network is unreachable"));
        }
    }
}
