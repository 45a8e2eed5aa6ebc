package dev.warren.relay.mesh;

import dev.warren.platform.net.DerpTls;
import dev.warren.platform.net.Failures;
import dev.warren.protocol.derp.ClientInfo;
import dev.warren.protocol.derp.ClientSession;
import dev.warren.protocol.derp.DerpNode;
import dev.warren.protocol.derp.Frame;
import dev.warren.protocol.derp.FrameCodec;
import dev.warren.protocol.derp.FrameType;
import dev.warren.protocol.derp.ServerInfo;
import dev.warren.protocol.derp.Upgrade;
import dev.warren.protocol.key.NodePublicKey;
import dev.warren.relay.client.Forwarder;
import dev.warren.relay.client.RelayContext;
import dev.warren.relay.client.RelayMetrics.Kind;
import dev.warren.relay.client.StallWatch;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.handler.timeout.ReadTimeoutHandler;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * One TCP connection of a {@link MeshLink}, and while it stands the way to that relay's clients. Everything but
 * {@link #forward} runs on the channel's event loop.
 */
final class LinkConnection extends ChannelInboundHandlerAdapter implements ClientSession.Events, Forwarder {
    /** What stands in front of the destination's key and the packet: the frame's header and the sender's key. */
    private static final int HEAD_BYTES = Frame.HEADER_LENGTH + NodePublicKey.LENGTH;

    private final MeshLink owner;
    private final RelayContext relay;
    private final Channel channel;
    private final DerpNode node;
    private final MeshLink.Timing timing;
    private final LinkQueue queue;
    private final StallWatch stall;
    private final AtomicBoolean drainScheduled = new AtomicBoolean();
    private final Runnable drain = this::drain;
    private final ByteBuf[] next = new ByteBuf[2];
    /** The other relay's clients, as far as it has told. */
    private final Set<NodePublicKey> clients = new HashSet<>();

    private @Nullable ClientSession session;
    private byte[] scratch = new byte[0];
    private @Nullable String problem;
    private long openedNanos;
    private boolean isOpen;
    private boolean draining;

    LinkConnection(MeshLink owner, RelayContext relay, Channel channel, DerpNode node, MeshLink.Timing timing) {
        this.owner = owner;
        this.relay = relay;
        this.channel = channel;
        this.node = node;
        this.timing = timing;
        this.queue = new LinkQueue(relay.metrics());
        int stalledMillis = relay.timing().stalledWriteMillis();
        this.stall = new StallWatch(channel, stalledMillis, () -> end("it takes no bytes"));
    }

    /** Puts itself, and what it needs in front of it, into the channel's pipeline. */
    void install() {
        channel.pipeline().addLast(new ReadTimeoutHandler(timing.readMillis(), TimeUnit.MILLISECONDS));
        if (!node.trust().plaintext()) {
            SslHandler tls = DerpTls.handler(node, channel.alloc());
            tls.setHandshakeTimeoutMillis(timing.loginMillis());
            channel.pipeline().addLast(tls);
        }
        channel.pipeline().addLast(this);
        long wholeMillis = (long) timing.connectMillis() + timing.loginMillis();
        var _ = channel.eventLoop().schedule(this::endUnlessOpen, wholeMillis, TimeUnit.MILLISECONDS);
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
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
                end("there is no agreement on TLS: " + Failures.sentence(done.cause()));
            }
        }
    }

    private void begin() {
        String host = node.hostName().indexOf(':') < 0 ? node.hostName() : "[" + node.hostName() + "]";
        String field = node.derpPort() == DerpNode.Ports.DEFAULT_DERP ? host : host + ":" + node.derpPort();
        ClientInfo info = new ClientInfo(relay.meshKey().get(), ClientInfo.VERSION, true, false, "");
        session = ClientSession.start(relay.key(), info, Upgrade.request(field, null), relay.random(), this);
    }

    private void endUnlessOpen() {
        if (!isOpen && channel.isActive()) {
            end("it did not let this relay in in time");
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        ByteBuf in = (ByteBuf) message;
        try {
            int length = in.readableBytes();
            if (session == null || length == 0) {
                return;
            }
            if (scratch.length < length) {
                scratch = new byte[Math.max(length, 2 * scratch.length)];
            }
            in.readBytes(scratch, 0, length);
            session.receive(scratch, 0, length);
        } finally {
            in.release();
        }
    }

    @Override
    public void transmit(byte[] bytes) {
        var _ = channel.writeAndFlush(Unpooled.wrappedBuffer(bytes), channel.voidPromise());
    }

    @Override
    public void connected(ServerInfo info) {
        NodePublicKey key = session == null ? null : session.serverKey();
        if (key != null && key.equals(relay.key().publicKey())) {
            owner.isSelf();
            end("it is this relay itself");
            return;
        }
        transmit(FrameCodec.encode(new Frame.WatchConns()));
    }

    /** It tells of its clients, this relay among them: so it took this one for a relay of the region. */
    private void opened() {
        if (!isOpen) {
            isOpen = true;
            openedNanos = System.nanoTime();
            owner.opened();
        }
    }

    /** For the relay's own key; nobody here has a use for it. */
    @Override
    public void packet(NodePublicKey source, byte[] buffer, int offset, int length) {}

    @Override
    public void frame(Frame frame) {
        if (frame instanceof Frame.PeerPresent present) {
            opened();
            boolean self = present.key().equals(relay.key().publicKey());
            if (!self && clients.add(present.key())) {
                relay.clients().addForwarder(present.key(), this);
            }
        } else if (frame instanceof Frame.PeerGone gone && clients.remove(gone.key())) {
            // Whatever the reason: it has left, or a packet for it came there and nobody was there.
            relay.clients().removeForwarder(gone.key(), this);
        }
    }

    @Override
    public void forward(byte[] source, ByteBuf payload, Kind kind) {
        ByteBuf head = PooledByteBufAllocator.DEFAULT.directBuffer(HEAD_BYTES, HEAD_BYTES);
        head.writeByte(FrameType.FORWARD_PACKET.code());
        head.writeInt(source.length + payload.readableBytes());
        head.writeBytes(source);
        queue.add(head, payload, kind);
        if (drainScheduled.compareAndSet(false, true)) {
            try {
                channel.eventLoop().execute(drain);
            } catch (RejectedExecutionException stopping) {
                queue.close();
            }
        }
    }

    private void drain() {
        if (draining) {
            // A flush below made the channel writable: the turn that flushed goes on by itself.
            return;
        }
        drainScheduled.set(false);
        draining = true;
        do {
            while (channel.isWritable() && queue.poll(next)) {
                relay.metrics().forwardedOut(next[1].readableBytes() - NodePublicKey.LENGTH);
                var _ = channel.write(next[0], channel.voidPromise());
                var _ = channel.write(next[1], channel.voidPromise());
            }
            channel.flush();
        } while (channel.isWritable() && !queue.isEmpty());
        draining = false;
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        stall.changed();
        if (isOpen && channel.isWritable()) {
            drain();
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        end(Failures.sentence(cause));
    }

    /** The first thing that went wrong is the reason; what follows is its consequence. */
    private void end(String reason) {
        if (problem == null) {
            problem = reason;
        }
        var _ = channel.close();
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        queue.close();
        clients.forEach(key -> relay.clients().removeForwarder(key, this));
        clients.clear();
        String reason = problem == null ? "it closed the connection" : problem;
        String hint =
                session != null && !isOpen ? " before it told of its clients; is the mesh key the same there?" : "";
        owner.ended(reason + hint, isOpen ? System.nanoTime() - openedNanos : 0);
    }
}
