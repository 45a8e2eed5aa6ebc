package dev.warren.stun;

import dev.warren.protocol.stun.BindingResponder;
import dev.warren.stun.StunCounts.Family;
import dev.warren.stun.StunCounts.Unsent;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.DatagramPacket;
import java.net.InetSocketAddress;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One of Netty's UDP sockets: each datagram through the responder, answers collected and flushed when the batch of
 * reads is over. Belongs to the socket's event loop.
 */
final class StunHandler extends SimpleChannelInboundHandler<DatagramPacket> {
    private static final Logger LOG = LoggerFactory.getLogger(StunHandler.class);

    private final Answering answering;
    private final StunCounts counts;
    private final BindingResponder responder;
    private final byte[] request = new byte[Answering.MAX_DATAGRAM_BYTES];
    private final ChannelFutureListener countFailure;
    /** By the change that a request asks for, halved: this one, other port, other address, both. */
    private volatile List<Channel> corners = List.of();

    StunHandler(Answering answering) {
        this.answering = answering;
        this.counts = answering.counts();
        this.responder = new BindingResponder(answering.config());
        this.countFailure = future -> {
            if (!future.isSuccess()) {
                counts.unsent(Unsent.SEND_FAILED);
            }
        };
    }

    /** The four sockets that RFC 5780 wants, as seen from this one. */
    void setCorners(List<Channel> all) {
        corners = all;
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, DatagramPacket packet) {
        ByteBuf content = packet.content();
        InetSocketAddress source = packet.sender();
        byte[] address = source.getAddress().getAddress();
        int length = content.readableBytes();
        if (length > request.length) {
            counts.oversize(Family.of(address), length);
            return;
        }
        content.getBytes(content.readerIndex(), request, 0, length);
        long nowNanos = answering.isLimited() ? System.nanoTime() : 0;
        if (answering.answers(responder, request, length, address, source.getPort(), nowNanos)) {
            answer(context, source);
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        context.flush();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        LOG.debug("reading on {} failed", context.channel().localAddress(), cause);
    }

    private void answer(ChannelHandlerContext context, InetSocketAddress source) {
        if (responder.change() != 0) {
            Channel other = corners.get(responder.change() / BindingResponder.CHANGE_PORT);
            var _ = other.writeAndFlush(new DatagramPacket(response(context), source))
                    .addListener(countFailure);
            return;
        }
        if (!context.channel().isWritable()) {
            context.flush();
            if (!context.channel().isWritable()) {
                counts.unsent(Unsent.QUEUE_FULL);
                return;
            }
        }
        context.write(new DatagramPacket(response(context), source)).addListener(countFailure);
    }

    private ByteBuf response(ChannelHandlerContext context) {
        int length = responder.responseLength();
        return context.alloc().buffer(length, length).writeBytes(responder.response(), 0, length);
    }
}
