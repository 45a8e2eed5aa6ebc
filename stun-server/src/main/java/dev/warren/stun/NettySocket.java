package dev.warren.stun;

import dev.warren.platform.config.Sentences;
import dev.warren.platform.net.Transport;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.socket.DatagramChannel;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A socket of Netty's and the event loop that serves it.
 *
 * @param group of one thread
 * @param handler the only one in the pipeline
 */
record NettySocket(EventLoopGroup group, Channel channel, StunHandler handler) implements StunSocket {
    /** Datagrams in one recvmmsg. Netty sends what they cause with one sendmmsg. */
    private static final int BATCH = 32;
    /** Answers that may wait for the socket: about two thousand, which a core sends in ten milliseconds. */
    private static final WriteBufferWaterMark QUEUE_BYTES = new WriteBufferWaterMark(128 << 10, 256 << 10);
    /** One more than is read, so that what is cut off shows. */
    private static final int READ_BYTES = Answering.MAX_DATAGRAM_BYTES + 1;

    /** Binds one; throws {@link dev.warren.platform.config.UserError} when the address cannot be had. */
    static NettySocket bind(Transport transport, InetSocketAddress address, Answering answering) {
        boolean batches = transport.resolved() == Transport.EPOLL;
        EventLoopGroup group = transport.newGroup(1, "stun");
        StunHandler handler = new StunHandler(answering);
        Bootstrap bootstrap = new Bootstrap()
                .group(group)
                .channel(transport.datagramChannel())
                .option(ChannelOption.SO_RCVBUF, StunServer.SOCKET_BUFFER_BYTES)
                .option(ChannelOption.WRITE_BUFFER_WATER_MARK, QUEUE_BYTES)
                .option(
                        ChannelOption.RECVBUF_ALLOCATOR,
                        new FixedRecvByteBufAllocator(batches ? BATCH * READ_BYTES : READ_BYTES))
                .handler(new ChannelInitializer<DatagramChannel>() {
                    @Override
                    protected void initChannel(DatagramChannel channel) {
                        channel.pipeline().addLast(handler);
                    }
                });
        if (batches) {
            bootstrap.option(EpollChannelOption.MAX_DATAGRAM_PAYLOAD_SIZE, READ_BYTES);
        }
        ChannelFuture bound = bootstrap.bind(address).awaitUninterruptibly();
        if (!bound.isSuccess()) {
            end(group);
            throw Sentences.cannotListen(address, "--listen", bound.cause());
        }
        return new NettySocket(group, bound.channel(), handler);
    }

    @Override
    public InetSocketAddress address() {
        return (InetSocketAddress) channel.localAddress();
    }

    @Override
    public long droppedByKernel() {
        return 0;
    }

    @Override
    public @Nullable String failure() {
        return channel.isOpen() ? null : "The socket on " + address() + " was closed.";
    }

    @Override
    public void stop() {
        var _ = channel.close();
    }

    @Override
    public void close() {
        channel.close().awaitUninterruptibly();
        end(group);
    }

    private static void end(EventLoopGroup group) {
        group.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
    }
}
