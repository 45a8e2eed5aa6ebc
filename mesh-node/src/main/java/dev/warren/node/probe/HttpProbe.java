package dev.warren.node.probe;

import dev.warren.platform.net.DerpTls;
import dev.warren.platform.net.Transport;
import dev.warren.protocol.derp.DerpNode;
import dev.warren.protocol.derp.HttpHead;
import dev.warren.protocol.derp.ProtocolException;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * One HTTP request on a connection of its own, of whose answer only the head is read. The round trip is measured from
 * when the connection, TLS included, stands. All methods of the handler run on the group's thread.
 */
final class HttpProbe extends SimpleChannelInboundHandler<ByteBuf> {
    private static final int CONNECT_MILLIS = 3_000;

    /**
     * What came back.
     *
     * @param head status line and fields
     * @param nanos from the request to the first byte of the answer
     */
    record Answer(HttpHead head, long nanos) {}

    private final String request;
    private final boolean secured;
    private final CompletableFuture<Answer> answer;
    private final ByteBuf received = Unpooled.buffer(512, HttpHead.MAX_LENGTH);
    private long sentNanos;
    private long nanos;

    /** The handler of one connection; {@code secured} says whether a handler for TLS is in front. */
    HttpProbe(String request, boolean secured, CompletableFuture<Answer> answer) {
        this.request = request;
        this.secured = secured;
        this.answer = answer;
    }

    /**
     * Sends a request to {@code node}, which is at {@code address}; the future fails when no answer comes. Nothing waits
     * longer than the group lives.
     *
     * @param secured over TLS, trusted as the map says
     * @param request the head of it, the empty line included
     */
    static CompletableFuture<Answer> send(
            EventLoopGroup group, DerpNode node, java.net.InetSocketAddress address, boolean secured, String request) {
        CompletableFuture<Answer> answer = new CompletableFuture<>();
        new Bootstrap()
                .group(group)
                .channel(Transport.NIO.socketChannel())
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, CONNECT_MILLIS)
                .option(ChannelOption.TCP_NODELAY, true)
                .handler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        if (secured) {
                            SslHandler tls = DerpTls.handler(node, channel.alloc());
                            channel.pipeline().addLast(tls);
                        }
                        channel.pipeline().addLast(new HttpProbe(request, secured, answer));
                    }
                })
                .connect(address)
                .addListener(result -> {
                    if (!result.isSuccess()) {
                        answer.completeExceptionally(result.cause());
                    }
                });
        return answer;
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
        if (!secured) {
            ask(context);
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event instanceof SslHandshakeCompletionEvent done) {
            if (done.isSuccess()) {
                ask(context);
            } else {
                end(context, done.cause());
            }
        }
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, ByteBuf bytes) {
        if (nanos == 0) {
            nanos = System.nanoTime() - sentNanos;
        }
        received.writeBytes(bytes, Math.min(bytes.readableBytes(), received.maxWritableBytes()));
        int length = HttpHead.length(received.array(), 0, received.writerIndex());
        if (length > 0) {
            try {
                answer.complete(new Answer(HttpHead.parse(received.array(), 0, length), nanos));
                var _ = context.close();
            } catch (ProtocolException noHttp) {
                end(context, noHttp);
            }
        } else if (received.maxWritableBytes() == 0) {
            end(context, null);
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        end(context, null);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        end(context, cause);
    }

    private void ask(ChannelHandlerContext context) {
        sentNanos = System.nanoTime();
        var _ = context.writeAndFlush(Unpooled.copiedBuffer(request, StandardCharsets.US_ASCII));
    }

    private void end(ChannelHandlerContext context, @Nullable Throwable cause) {
        answer.completeExceptionally(cause != null ? cause : new java.io.EOFException("no answer"));
        var _ = context.close();
    }
}
