package dev.warren.platform.net;

import dev.warren.protocol.derp.ClientInfo;
import dev.warren.protocol.derp.ClientSession;
import dev.warren.protocol.derp.DerpNode;
import dev.warren.protocol.derp.Frame;
import dev.warren.protocol.derp.FrameCodec;
import dev.warren.protocol.derp.FrameType;
import dev.warren.protocol.derp.ServerInfo;
import dev.warren.protocol.derp.TokenBucket;
import dev.warren.protocol.derp.Upgrade;
import dev.warren.protocol.key.NodePrivateKey;
import dev.warren.protocol.key.NodePublicKey;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.handler.timeout.ReadTimeoutHandler;
import io.netty.util.ReferenceCountUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketAddress;
import java.net.SocketException;
import java.security.SecureRandom;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * One TCP connection of a {@link DerpClient} to one relay. Everything but {@link #send} and {@link #sendControl} runs
 * on the channel's event loop.
 */
final class DerpConnection extends ChannelInboundHandlerAdapter implements ClientSession.Events {
    /** A relay that wants to be left later than this can say so again. */
    private static final long MAX_WAIT_MILLIS = 60_000;

    private static final SecureRandom RANDOM = new SecureRandom();

    private final DerpClient owner;
    private final DerpNode node;
    private final NodePrivateKey key;
    /** What waits for the socket, or for the event loop's turn: its own lock guards it, and {@link #ended}. */
    private final PacketBacklog backlog = new PacketBacklog(this::dropped);

    private final AtomicBoolean drainScheduled = new AtomicBoolean();

    private boolean ended;
    private volatile @Nullable Channel channel;
    /** What the relay lets through, when it said so; its own lock guards it. */
    private volatile @Nullable TokenBucket allowance;

    // Of the event loop's thread only.
    private boolean draining;
    private @Nullable ClientSession session;
    private byte[] scratch = new byte[0];
    private @Nullable String problem;
    private boolean isOpen;
    private long openedNanos;
    private boolean isRestarting;
    private boolean isChecked;
    /** How often something came. */
    private long heard;

    DerpConnection(DerpClient owner, DerpNode node, NodePrivateKey key) {
        this.owner = owner;
        this.node = node;
        this.key = key;
    }

    DerpNode node() {
        return node;
    }

    /** The relay's address; null before there is a connection. Any thread. */
    @Nullable
    InetAddress address() {
        Channel current = channel;
        return current != null && current.remoteAddress() instanceof InetSocketAddress relay
                ? relay.getAddress()
                : null;
    }

    /** The relay's own key; null before it has told. */
    @Nullable
    NodePublicKey relayKey() {
        return session == null ? null : session.serverKey();
    }

    ChannelHandler initializer(DerpClient.Timing timing) {
        return new ChannelInitializer<>() {
            @Override
            protected void initChannel(Channel made) {
                made.pipeline().addLast(new ReadTimeoutHandler(timing.readMillis(), TimeUnit.MILLISECONDS));
                if (!node.trust().plaintext()) {
                    SslHandler tls = DerpTls.handler(node, made.alloc());
                    tls.setHandshakeTimeoutMillis(timing.loginMillis());
                    made.pipeline().addLast(tls);
                }
                made.pipeline().addLast(DerpConnection.this);
                var _ = made.eventLoop()
                        .schedule(
                                () -> endUnlessOpen(made, timing),
                                (long) timing.connectMillis() + timing.loginMillis(),
                                TimeUnit.MILLISECONDS);
            }
        };
    }

    private void endUnlessOpen(Channel made, DerpClient.Timing timing) {
        if (!isOpen && made.isActive()) {
            end(made, node.name() + " did not let the client in within " + timing.loginMillis() + " ms");
        }
    }

    /**
     * Whether a packet of {@code length} bytes is within what the relay said that it lets through; it is counted with
     * key and header then, as Tailscale's client counts. Any thread.
     */
    boolean maySend(int length) {
        TokenBucket bucket = allowance;
        if (bucket == null) {
            return true;
        }
        synchronized (bucket) {
            return bucket.tryTake(Frame.HEADER_LENGTH + NodePublicKey.LENGTH + length, System.nanoTime());
        }
    }

    /** Queues a copy, for which the oldest may have to make room; false when the connection is over. Any thread. */
    boolean send(NodePublicKey destination, byte[] buffer, int offset, int length) {
        Channel to = channel;
        if (to == null) {
            return false;
        }
        int payload = NodePublicKey.LENGTH + length;
        ByteBuf frame = to.alloc().heapBuffer(Frame.HEADER_LENGTH + payload, Frame.HEADER_LENGTH + payload);
        int at = frame.arrayOffset();
        FrameCodec.writeHeader(FrameType.SEND_PACKET, payload, frame.array(), at);
        destination.copyTo(frame.array(), at + Frame.HEADER_LENGTH);
        frame.writerIndex(Frame.HEADER_LENGTH + NodePublicKey.LENGTH);
        frame.writeBytes(buffer, offset, length);
        synchronized (backlog) {
            if (ended) {
                frame.release();
                return false;
            }
            backlog.add(frame, System.nanoTime());
        }
        if (drainScheduled.compareAndSet(false, true)) {
            try {
                to.eventLoop().execute(() -> drain(to));
            } catch (RejectedExecutionException closedMeanwhile) {
                int _ = end();
                return false;
            }
        }
        return true;
    }

    /** Writes a frame that is not a packet, in front of those that are queued. Any thread. */
    void sendControl(Frame frame) {
        Channel to = channel;
        if (to != null) {
            var _ = to.writeAndFlush(Unpooled.wrappedBuffer(FrameCodec.encode(frame)), to.voidPromise());
        }
    }

    /**
     * Finds out whether the connection still works, as the network has changed: it is ended when the machine has its
     * address no more, or nothing comes from the relay within {@code waitMillis} of being asked.
     */
    void check(int waitMillis) {
        Channel to = channel;
        if (to == null || isChecked) {
            return;
        }
        if (!isOwn(to.localAddress())) {
            abandon(to, "the network of " + node.name() + "'s connection is gone");
            return;
        }
        isChecked = true;
        long heardBefore = heard;
        sendControl(new Frame.Ping(RANDOM.nextLong()));
        var _ = to.eventLoop()
                .schedule(
                        () -> {
                            isChecked = false;
                            if (heard == heardBefore && to.isActive()) {
                                abandon(to, node.name() + " did not answer after the network had changed");
                            }
                        },
                        waitMillis,
                        TimeUnit.MILLISECONDS);
    }

    private static boolean isOwn(SocketAddress address) {
        try {
            return !(address instanceof InetSocketAddress local)
                    || NetworkInterface.getByInetAddress(local.getAddress()) != null;
        } catch (SocketException unknown) {
            return true;
        }
    }

    /** Closes the socket without a word: TLS would wait for its farewell to get away. */
    private void abandon(Channel to, String reason) {
        explain(reason);
        var _ = to.pipeline().firstContext().close();
    }

    private void drain(Channel to) {
        if (draining) {
            // A flush below made the channel writable: the loop there goes on by itself, in order.
            return;
        }
        drainScheduled.set(false);
        draining = true;
        do {
            long nowNanos = System.nanoTime();
            for (ByteBuf frame = next(to, nowNanos); frame != null; frame = next(to, nowNanos)) {
                var _ = to.write(frame, to.voidPromise());
            }
            to.flush();
        } while (to.isWritable() && !isEmpty());
        draining = false;
    }

    /** The packet that may be written now, if any. */
    private @Nullable ByteBuf next(Channel to, long nowNanos) {
        if (!to.isWritable()) {
            return null;
        }
        synchronized (backlog) {
            return backlog.poll(nowNanos);
        }
    }

    private boolean isEmpty() {
        synchronized (backlog) {
            return backlog.isEmpty();
        }
    }

    private void dropped(ByteBuf frame, PacketBacklog.Reason reason) {
        frame.release();
        switch (reason) {
            case FULL -> owner.dropped(DerpClient.Drop.QUEUE_FULL);
            case LATE -> owner.dropped(DerpClient.Drop.QUEUE_DELAY);
            case CLEARED -> {
                // Counted with what was on its way to this thread.
            }
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        if (isOpen && context.channel().isWritable()) {
            drain(context.channel());
        }
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
        channel = context.channel();
        if (node.trust().plaintext()) {
            begin();
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event instanceof SslHandshakeCompletionEvent done) {
            if (done.isSuccess()) {
                begin();
            } else {
                explain(node.name() + " and this node cannot agree on TLS: " + Failures.sentence(done.cause()));
            }
        }
    }

    private void begin() {
        String host = node.hostName().indexOf(':') < 0 ? node.hostName() : "[" + node.hostName() + "]";
        String field = node.derpPort() == DerpNode.Ports.DEFAULT_DERP ? host : host + ":" + node.derpPort();
        byte[] request = Upgrade.request(field, owner.idealNodeUnless(node));
        session = ClientSession.start(key, ClientInfo.node(), request, RANDOM, this);
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        ByteBuf in = (ByteBuf) message;
        heard++;
        try {
            ClientSession receiver = session;
            int length = in.readableBytes();
            if (receiver == null || length == 0) {
                return;
            }
            if (scratch.length < length) {
                scratch = new byte[Math.max(length, 2 * scratch.length)];
            }
            in.readBytes(scratch, 0, length);
            receiver.receive(scratch, 0, length);
        } finally {
            ReferenceCountUtil.release(in);
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        end(context.channel(), node.name() + ": " + Failures.sentence(cause));
    }

    /** The first thing that went wrong is the reason; what follows is its consequence. */
    private void explain(String reason) {
        if (problem == null) {
            problem = reason;
        }
    }

    private void end(Channel ended, String reason) {
        explain(reason);
        var _ = ended.close();
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        channel = null;
        int left = end();
        String reason = problem == null ? node.name() + " closed the connection" : problem;
        if (isOpen) {
            isOpen = false;
            owner.lost(reason, left, System.nanoTime() - openedNanos, isRestarting);
        } else {
            owner.failed(reason);
        }
    }

    /** Takes no more packets, and gives how many there were. */
    private int end() {
        synchronized (backlog) {
            ended = true;
            int left = backlog.size();
            backlog.clear();
            return left;
        }
    }

    @Override
    public void transmit(byte[] bytes) {
        Channel to = channel;
        if (to != null) {
            var _ = to.writeAndFlush(Unpooled.wrappedBuffer(bytes), to.voidPromise());
        }
    }

    @Override
    public void connected(ServerInfo info) {
        isOpen = true;
        openedNanos = System.nanoTime();
        if (info.tokenBucketBytesPerSecond() > 0) {
            int burst = Math.max(1, info.tokenBucketBytesBurst());
            allowance = new TokenBucket(info.tokenBucketBytesPerSecond(), burst, openedNanos);
        }
        owner.opened(this);
    }

    @Override
    public void packet(NodePublicKey source, byte[] buffer, int offset, int length) {
        owner.packet(source, buffer, offset, length);
    }

    @Override
    public void frame(Frame frame) {
        if (frame instanceof Frame.Restarting restarting) {
            restarting(restarting.reconnectInMillis());
        } else {
            owner.frame(frame);
        }
    }

    /** Uses the connection until the moment that the relay names, which it chose apart from others' moments. */
    private void restarting(long inMillis) {
        Channel to = channel;
        if (to != null && !isRestarting) {
            isRestarting = true;
            explain(node.name() + " is about to restart");
            Runnable leave = () -> {
                var _ = to.close();
            };
            var _ = to.eventLoop().schedule(leave, Math.min(inMillis, MAX_WAIT_MILLIS), TimeUnit.MILLISECONDS);
        }
    }
}
