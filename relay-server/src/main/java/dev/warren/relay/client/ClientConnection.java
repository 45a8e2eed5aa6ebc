package dev.warren.relay.client;

import dev.warren.protocol.derp.Frame;
import dev.warren.protocol.derp.FrameCodec;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** A connection that is logged in, as others see it. Any thread may call it. */
final class ClientConnection {
    private final Channel channel;
    private final Outbox outbox;
    /** Keys whose packets were sent over this connection. */
    private final Set<Peer> heardFrom = ConcurrentHashMap.newKeySet();

    private volatile boolean closed;

    ClientConnection(Channel channel, RelayMetrics metrics) {
        this.channel = channel;
        this.outbox = new Outbox(channel, metrics);
    }

    Outbox outbox() {
        return outbox;
    }

    /** A packet of {@code source} goes out over this connection, which wants to know when the source leaves. */
    void hears(Peer source) {
        source.hearers().add(this);
        heardFrom.add(source);
        if (closed) {
            source.hearers().remove(this);
        }
    }

    /** Writes {@code frame} and ends the connection. */
    void endAfter(Frame frame) {
        channel.eventLoop().execute(() -> {
            outbox.turn();
            var _ = channel.writeAndFlush(Unpooled.wrappedBuffer(FrameCodec.encode(frame)))
                    .addListener(ChannelFutureListener.CLOSE);
        });
    }

    /** It is over: on its event loop, once. */
    void closed() {
        closed = true;
        outbox.close();
        heardFrom.forEach(source -> source.hearers().remove(this));
    }
}
