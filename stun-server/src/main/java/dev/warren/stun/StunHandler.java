package dev.warren.stun;

import dev.warren.protocol.stun.BindingResponder;
import dev.warren.protocol.stun.Disposition;
import dev.warren.stun.StunMetrics.Family;
import dev.warren.stun.StunMetrics.Unsent;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.DatagramPacket;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One UDP socket's thread side: each datagram through the responder, answers collected and flushed when the batch of
 * reads is over. Belongs to the socket's event loop.
 */
final class StunHandler extends SimpleChannelInboundHandler<DatagramPacket> {
    private static final Logger LOG = LoggerFactory.getLogger(StunHandler.class);

    private final StunMetrics metrics;
    private final BindingResponder responder = new BindingResponder();
    private final byte[] request = new byte[StunServer.MAX_DATAGRAM_BYTES];
    private final ChannelFutureListener countFailure;

    StunHandler(StunMetrics metrics) {
        this.metrics = metrics;
        this.countFailure = future -> {
            if (!future.isSuccess()) {
                metrics.unsent(Unsent.SEND_FAILED);
            }
        };
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, DatagramPacket packet) {
        ByteBuf content = packet.content();
        InetSocketAddress source = packet.sender();
        int length = Math.min(content.readableBytes(), request.length);
        content.getBytes(content.readerIndex(), request, 0, length);
        Disposition disposition = responder.handle(request, 0, length, source);
        metrics.received(disposition, family(source), length);
        if (disposition.isAnswered()) {
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
        if (!context.channel().isWritable()) {
            context.flush();
            if (!context.channel().isWritable()) {
                metrics.unsent(Unsent.QUEUE_FULL);
                return;
            }
        }
        int length = responder.responseLength();
        ByteBuf answer = context.alloc().buffer(length, length).writeBytes(responder.response(), 0, length);
        metrics.sent(length);
        context.write(new DatagramPacket(answer, source)).addListener(countFailure);
    }

    private static Family family(InetSocketAddress source) {
        return source.getAddress() instanceof Inet6Address ? Family.IPV6 : Family.IPV4;
    }
}
