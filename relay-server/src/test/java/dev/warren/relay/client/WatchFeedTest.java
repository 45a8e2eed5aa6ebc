package dev.warren.relay.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.warren.protocol.derp.Frame;
import dev.warren.protocol.derp.FrameCodec;
import dev.warren.protocol.derp.PeerGoneReason;
import dev.warren.protocol.key.NodePrivateKey;
import dev.warren.protocol.key.NodePublicKey;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.embedded.EmbeddedChannel;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a watcher gets, in which order, and where its queue ends. */
@Timeout(30)
class WatchFeedTest {
    private static final NodePublicKey KEY =
            NodePrivateKey.generate(new SecureRandom()).publicKey();

    private final EmbeddedChannel channel = new EmbeddedChannel();
    private final AtomicInteger overflows = new AtomicInteger();

    @Test
    void shouldTellWhoWasThereFirstAndThenEveryChangeInOrder() {
        List<Frame> expected = new ArrayList<>();
        List<Frame.PeerPresent> first = new ArrayList<>();
        for (int i = 0; i < 1000; i++) {
            first.add(new Frame.PeerPresent(KEY, null, i % 16));
        }
        WatchFeed feed = new WatchFeed(channel, first, overflows::incrementAndGet);
        expected.addAll(first);
        for (int i = 0; i < 1000; i++) {
            Frame change = i % 3 == 0
                    ? new Frame.PeerGone(KEY, PeerGoneReason.DISCONNECTED)
                    : new Frame.PeerPresent(KEY, null, i % 16);
            feed.tell(change);
            expected.add(change);
        }
        channel.runPendingTasks();
        assertEquals(expected, written());
        assertEquals(0, overflows.get());
    }

    @Test
    void shouldWaitForAWatcherThatTakesNothingUntilThereIsTooMuch() {
        channel.config().setWriteBufferWaterMark(new WriteBufferWaterMark(1, 2));
        channel.unsafe().outboundBuffer().setUserDefinedWritability(1, false);
        WatchFeed feed = new WatchFeed(channel, List.of(), overflows::incrementAndGet);
        Frame change = new Frame.PeerPresent(KEY, null, 1);
        for (int i = 0; i < WatchFeed.MAX_CHANGES; i++) {
            feed.tell(change);
        }
        channel.runPendingTasks();
        assertNull(channel.readOutbound());
        assertEquals(0, overflows.get());
        feed.tell(change);
        feed.tell(change);
        assertEquals(1, overflows.get());
        channel.unsafe().outboundBuffer().setUserDefinedWritability(1, true);
        feed.turn();
        assertEquals(WatchFeed.MAX_CHANGES + 1, written().size());
    }

    @Test
    void shouldEndTheConnectionOfAWatcherThatIsTooFarBehind() {
        RelayMetrics metrics = new RelayMetrics(new SimpleMeterRegistry());
        ClientRegistry clients = new ClientRegistry(metrics);
        List<Object> ends = new ArrayList<>();
        channel.pipeline().addLast(new ChannelInboundHandlerAdapter() {
            @Override
            public void userEventTriggered(ChannelHandlerContext context, Object event) {
                ends.add(event);
            }
        });
        channel.unsafe().outboundBuffer().setUserDefinedWritability(1, false);
        ClientConnection watcher = connection(channel, metrics);
        clients.add(watcher, KEY);
        clients.watch(watcher);
        NodePublicKey other = NodePrivateKey.generate(new SecureRandom()).publicKey();
        EmbeddedChannel otherChannel = new EmbeddedChannel();
        for (int i = 0; i < WatchFeed.MAX_CHANGES / 2; i++) {
            ClientConnection coming = connection(otherChannel, metrics);
            clients.remove(coming, clients.add(coming, other));
        }
        channel.runPendingTasks();
        assertEquals(List.of(), ends);
        clients.add(connection(otherChannel, metrics), other);
        channel.runPendingTasks();
        assertEquals(List.of(RelayMetrics.End.WATCHER_BEHIND), ends);
    }

    private static ClientConnection connection(EmbeddedChannel channel, RelayMetrics metrics) {
        return new ClientConnection(channel, metrics, new Frame.PeerPresent(KEY, null, 1));
    }

    private List<Frame> written() {
        List<Frame> frames = new ArrayList<>();
        for (ByteBuf batch = channel.readOutbound(); batch != null; batch = channel.readOutbound()) {
            while (batch.isReadable()) {
                int length = Frame.HEADER_LENGTH + batch.getInt(batch.readerIndex() + 1);
                byte[] frame = new byte[length];
                batch.readBytes(frame);
                frames.add(FrameCodec.decode(frame, 0, length));
            }
            batch.release();
        }
        return frames;
    }
}
