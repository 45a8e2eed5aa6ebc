package dev.warren.stun;

import dev.warren.protocol.stun.BindingResponder;
import dev.warren.protocol.stun.Disposition;
import dev.warren.protocol.stun.StunStream;
import dev.warren.stun.StreamMetrics.Reason;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import java.net.InetSocketAddress;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One connection: messages in, answers out, in their order. Belongs to the connection's event loop. */
final class StreamHandler extends SimpleChannelInboundHandler<ByteBuf> {
    /** The longest message that is read: no STUN request comes near the usual MTU. */
    static final int MAX_MESSAGE_BYTES = 2048;

    private static final Logger LOG = LoggerFactory.getLogger(StreamHandler.class);

    private final StunStreamLimits limits;
    private final StreamMetrics metrics;
    private final BindingResponder responder;
    private final InetSocketAddress source;
    private final StunStream stream = new StunStream(MAX_MESSAGE_BYTES);
    private final byte[] chunk = new byte[MAX_MESSAGE_BYTES];
    private long bytes;
    private long idleSinceNanos = System.nanoTime();
    private Reason reason = Reason.CLIENT;
    private @Nullable Future<?> idleCheck;

    StreamHandler(
            StunStreamLimits limits, StreamMetrics metrics, BindingResponder responder, InetSocketAddress source) {
        super(ByteBuf.class);
        this.limits = limits;
        this.metrics = metrics;
        this.responder = responder;
        this.source = source;
    }

    /** Why the connection ended, once it has. */
    Reason reason() {
        return reason == Reason.CLIENT && stream.isPartial() ? Reason.CUT_OFF : reason;
    }

    /** The server stops: on the connection's own thread. */
    void stop(Channel channel) {
        reason = Reason.STOPPED;
        var _ = channel.close();
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        checkIdle(context);
    }

    /** A timer that stayed would keep the connection's memory: connections may come and go faster than timers. */
    @Override
    public void handlerRemoved(ChannelHandlerContext context) {
        if (idleCheck != null) {
            idleCheck.cancel(false);
        }
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, ByteBuf in) {
        bytes += in.readableBytes();
        while (in.isReadable() && context.channel().isOpen()) {
            int size = Math.min(in.readableBytes(), chunk.length);
            in.readBytes(chunk, 0, size);
            take(context, size);
        }
        if (bytes > limits.bytes()) {
            end(context, Reason.BYTES);
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        context.flush();
    }

    /** TLS says so before it closes; the exception comes after. */
    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event instanceof SslHandshakeCompletionEvent handshake && !handshake.isSuccess()) {
            end(context, Reason.FAILED);
        }
        context.fireUserEventTriggered(event);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        LOG.debug("a connection from {} broke", source, cause);
        end(context, Reason.FAILED);
    }

    private void take(ChannelHandlerContext context, int size) {
        int at = 0;
        while (at < size && context.channel().isOpen()) {
            at += stream.take(chunk, at, size - at);
            StunStream.Trouble trouble = stream.trouble();
            if (trouble != null) {
                end(context, trouble == StunStream.Trouble.TOO_LONG ? Reason.TOO_LONG : Reason.NOT_STUN);
            } else if (stream.isComplete()) {
                idleSinceNanos = System.nanoTime();
                answer(context);
                stream.next();
            }
        }
    }

    private void answer(ChannelHandlerContext context) {
        Disposition disposition = responder.handle(stream.message(), 0, stream.messageLength(), source);
        metrics.message(disposition);
        if (!disposition.isAnswered()) {
            return;
        }
        if (!context.channel().isWritable()) {
            context.flush();
            if (!context.channel().isWritable()) {
                end(context, Reason.SLOW);
                return;
            }
        }
        int length = responder.responseLength();
        ByteBuf answer = context.alloc().buffer(length, length).writeBytes(responder.response(), 0, length);
        var _ = context.write(answer);
    }

    /** Ends the connection when no message has come for long enough; else looks again when that may be so. */
    private void checkIdle(ChannelHandlerContext context) {
        if (!context.channel().isOpen()) {
            return;
        }
        long leftNanos = idleSinceNanos + limits.idle().toNanos() - System.nanoTime();
        if (leftNanos <= 0) {
            end(context, Reason.IDLE);
        } else {
            idleCheck = context.executor().schedule(() -> checkIdle(context), leftNanos, TimeUnit.NANOSECONDS);
        }
    }

    private void end(ChannelHandlerContext context, Reason why) {
        if (reason == Reason.CLIENT) {
            reason = why;
        }
        var _ = context.close();
    }
}
