package dev.warren.relay.http;

import dev.warren.protocol.derp.ProtocolException;
import dev.warren.relay.client.RelayMetrics;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.ContinuationWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CorruptedWebSocketFrameException;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PongWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocket13FrameDecoder;
import io.netty.handler.codec.http.websocketx.WebSocket13FrameEncoder;
import io.netty.handler.codec.http.websocketx.WebSocketCloseStatus;
import io.netty.handler.codec.http.websocketx.WebSocketDecoderConfig;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;

/**
 * Carries DERP's byte stream in binary WebSocket messages (RFC 6455), so that the handler behind it reads and writes
 * buffers as on a plain connection. Stands between Netty's codec of WebSocket frames and that handler; runs on the
 * channel's event loop.
 *
 * <p>Fragments go through as they come, since message borders mean nothing: a message without end takes no memory.
 */
final class WebSocketCarrier extends ChannelDuplexHandler {
    // Implementation.
    /** What Tailscale's client reads: its library's limit for a message. */
    static final int MAX_SENT_MESSAGE = 32 << 10;
    /** The longest DERP frame of a client in one piece, and some more; derper takes 32 KiB. */
    static final int MAX_RECEIVED_FRAME = 128 << 10;

    private static final WebSocketDecoderConfig STRICT = WebSocketDecoderConfig.newBuilder()
            .maxFramePayloadLength(MAX_RECEIVED_FRAME)
            .expectMaskedFrames(true)
            .allowMaskMismatch(false)
            .allowExtensions(false)
            // This handler says goodbye, so that the reason is counted as on any other connection.
            .closeOnProtocolViolation(false)
            .build();

    private final RelayMetrics metrics;
    private WebSocketCloseStatus farewell = WebSocketCloseStatus.NORMAL_CLOSURE;
    private boolean ending;

    WebSocketCarrier(RelayMetrics metrics) {
        this.metrics = metrics;
    }

    /** Puts the codec and itself at the end of {@code pipeline}. */
    void install(ChannelPipeline pipeline) {
        pipeline.addLast(new WebSocket13FrameEncoder(false), new WebSocket13FrameDecoder(STRICT), this);
    }

    /** Ends a connection whose client does not offer DERP. */
    void refuse(Channel channel) {
        farewell = new WebSocketCloseStatus(
                WebSocketCloseStatus.POLICY_VIOLATION.code(), "this is a relay: offer the subprotocol derp");
        var _ = channel.close();
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        WebSocketFrame frame = (WebSocketFrame) message;
        if (ending) {
            frame.release();
        } else if (frame instanceof BinaryWebSocketFrame || frame instanceof ContinuationWebSocketFrame) {
            context.fireChannelRead(frame.content());
        } else {
            control(context, frame);
        }
    }

    private void control(ChannelHandlerContext context, WebSocketFrame frame) {
        if (frame instanceof PingWebSocketFrame) {
            // While the client takes no bytes its pings are not answered: they would pile up.
            if (context.channel().isWritable()) {
                var _ = context.writeAndFlush(new PongWebSocketFrame(frame.content()), context.voidPromise());
                return;
            }
            metrics.pongDropped();
        } else if (frame instanceof CloseWebSocketFrame) {
            var _ = context.channel().close();
        } else if (frame instanceof TextWebSocketFrame) {
            broken(context, WebSocketCloseStatus.INVALID_MESSAGE_TYPE, "a text message where DERP sends binary ones");
        }
        frame.release();
    }

    /** Lets the handler behind count the reason and close the channel, which says {@code status} then. */
    private void broken(ChannelHandlerContext context, WebSocketCloseStatus status, String sentence) {
        farewell = status;
        context.fireExceptionCaught(new ProtocolException(ProtocolException.Reason.BAD_WEB_SOCKET, sentence));
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        if (cause instanceof CorruptedWebSocketFrameException corrupted) {
            broken(context, corrupted.closeStatus(), String.valueOf(corrupted.getMessage()));
        } else {
            context.fireExceptionCaught(cause);
        }
    }

    @Override
    public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
        ByteBuf bytes = (ByteBuf) message;
        while (bytes.readableBytes() > MAX_SENT_MESSAGE) {
            var _ = context.write(
                    new BinaryWebSocketFrame(bytes.readRetainedSlice(MAX_SENT_MESSAGE)), context.voidPromise());
        }
        var _ = context.write(new BinaryWebSocketFrame(bytes), promise);
    }

    /** Says goodbye first; a client that takes no bytes is not waited for. */
    @Override
    public void close(ChannelHandlerContext context, ChannelPromise promise) {
        if (!ending && context.channel().isWritable()) {
            var _ = context.writeAndFlush(new CloseWebSocketFrame(farewell), context.voidPromise());
        }
        ending = true;
        var _ = context.close(promise);
    }
}
