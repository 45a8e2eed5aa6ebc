package dev.warren.relay.http;

import dev.warren.protocol.derp.HttpHead;
import dev.warren.protocol.derp.ProtocolException;
import dev.warren.protocol.derp.Upgrade;
import dev.warren.protocol.derp.WebSocketUpgrade;
import dev.warren.relay.client.ClientHandler;
import dev.warren.relay.client.RelayContext;
import dev.warren.relay.client.RelayMetrics.End;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The first handler behind TLS: answers HTTP requests, one after the other, until one of them asks for DERP; then it
 * makes room for a {@link ClientHandler}, which gets whatever came behind that request. Who asks and takes no answers is
 * not read from until it does. Runs on the channel's event loop.
 */
public final class HttpFront extends ChannelInboundHandlerAdapter {
    private static final Logger LOG = LoggerFactory.getLogger(HttpFront.class);

    private final RelayContext relay;
    private final Site site;
    private byte[] received = new byte[0];
    /** How much of it has been answered. */
    private int answered;

    private boolean answering;
    private End end = End.CLOSED;
    private boolean ending;

    /** A front of {@code relay} for one connection, which shows {@code site} to who does not upgrade. */
    public HttpFront(RelayContext relay, Site site) {
        this.relay = relay;
        this.site = site;
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
        relay.metrics().accepted();
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        ByteBuf in = (ByteBuf) message;
        if (!ending) {
            int before = received.length;
            received = Arrays.copyOf(received, before + in.readableBytes());
            in.readBytes(received, before, received.length - before);
        }
        in.release();
        answerAll(context);
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        answerAll(context);
        context.fireChannelWritabilityChanged();
    }

    private void answerAll(ChannelHandlerContext context) {
        if (answering) {
            // An answer below has changed the writability: the loop sees it.
            return;
        }
        answering = true;
        while (!ending && !context.isRemoved() && context.channel().isWritable() && answerNext(context)) {
            LOG.trace("{} asks on", context.channel().remoteAddress());
        }
        answering = false;
        if (!context.isRemoved()) {
            received = Arrays.copyOfRange(received, answered, received.length);
            answered = 0;
            context.channel().config().setAutoRead(context.channel().isWritable());
        }
    }

    /** Whether a whole request was there, and there may be another one. */
    private boolean answerNext(ChannelHandlerContext context) {
        int left = received.length - answered;
        int length = HttpHead.length(received, answered, left);
        if (length < 0) {
            if (left > HttpHead.MAX_LENGTH) {
                answer(context, Answer.badRequest(Map.of()));
            }
            return false;
        }
        try {
            HttpHead request = HttpHead.parse(received, answered, length);
            answered += length;
            handle(context, request);
        } catch (ProtocolException broken) {
            LOG.debug("{}: {}", context.channel().remoteAddress(), broken.getMessage());
            answer(context, Answer.badRequest(Map.of()));
        }
        return true;
    }

    private void handle(ChannelHandlerContext context, HttpHead request) {
        Target target = Target.of(request);
        boolean derp =
                site.isRelay() && target.method().equals("GET") && target.path().equals(Upgrade.PATH);
        Upgrade.Form form = derp ? Upgrade.form(request) : Upgrade.Form.NONE;
        switch (form) {
            case NORMAL -> upgrade(context, request, Upgrade.answer(relay.key().publicKey()));
            case FAST_START -> upgrade(context, request, null);
            case WEB_SOCKET -> upgradeToWebSocket(context, request);
            case NONE -> {
                boolean hasBody =
                        request.field("Transfer-Encoding") != null || !isZero(request.field("Content-Length"));
                answer(context, hasBody ? Answer.badRequest(Map.of()) : site.answer(request, target));
            }
        }
    }

    private static boolean isZero(@Nullable String contentLength) {
        return contentLength == null || contentLength.equals("0");
    }

    private void upgradeToWebSocket(ChannelHandlerContext context, HttpHead request) {
        byte[] answer = WebSocketUpgrade.answer(request);
        if (answer == null) {
            // The version that is spoken (RFC 6455 section 4.2.2).
            answer(context, Answer.badRequest(Map.of("Sec-WebSocket-Version", WebSocketUpgrade.VERSION)));
            return;
        }
        var _ = context.write(Unpooled.wrappedBuffer(answer), context.voidPromise());
        WebSocketCarrier carrier = new WebSocketCarrier(relay.metrics());
        carrier.install(context.pipeline());
        if (WebSocketUpgrade.offersDerp(request)) {
            relay.metrics().webSocket();
            upgrade(context, request, null);
        } else {
            ending = true;
            end = End.PROTOCOL_ERROR;
            carrier.refuse(context.channel());
        }
    }

    private void upgrade(ChannelHandlerContext context, HttpHead request, byte @Nullable [] answer) {
        if (answer != null) {
            var _ = context.write(Unpooled.wrappedBuffer(answer), context.voidPromise());
        }
        String idealNode = request.field("Ideal-Node");
        boolean notIdeal = idealNode != null && !idealNode.isEmpty();
        context.pipeline().addLast(new ClientHandler(relay, context.channel(), notIdeal));
        byte[] behind = Arrays.copyOfRange(received, answered, received.length);
        received = new byte[0];
        if (behind.length > 0) {
            context.fireChannelRead(Unpooled.wrappedBuffer(behind));
        }
        context.pipeline().remove(this);
    }

    private void answer(ChannelHandlerContext context, Answer answer) {
        relay.metrics().answered(answer.status());
        ChannelFuture written = context.writeAndFlush(Unpooled.copiedBuffer(answer.text(), StandardCharsets.US_ASCII));
        if (answer.closes()) {
            ending = true;
            written.addListener(ChannelFutureListener.CLOSE);
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        SslHandler tls = context.pipeline().get(SslHandler.class);
        if (tls != null && event instanceof SslHandshakeCompletionEvent done && done.isSuccess()) {
            relay.metrics().handshake(tls.engine().getSession().getProtocol());
        }
        if (event instanceof End reason) {
            close(context, reason);
        } else {
            context.fireUserEventTriggered(event);
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        LOG.debug("{}", context.channel().remoteAddress(), cause);
        close(context, End.FAILED);
    }

    private void close(ChannelHandlerContext context, End reason) {
        ending = true;
        end = reason;
        var _ = context.close();
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        relay.metrics().ended(end);
        context.fireChannelInactive();
    }
}
