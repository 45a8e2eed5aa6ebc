package dev.warren.relay.client;

import dev.warren.platform.net.Gathering;
import dev.warren.protocol.derp.ClientInfo;
import dev.warren.protocol.derp.Frame;
import dev.warren.protocol.derp.FrameCodec;
import dev.warren.protocol.derp.FrameType;
import dev.warren.protocol.derp.ProtocolException;
import dev.warren.protocol.derp.ServerInfo;
import dev.warren.protocol.derp.ServerSession;
import dev.warren.protocol.key.NodePublicKey;
import dev.warren.relay.admission.Admission;
import dev.warren.relay.client.RelayMetrics.End;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The relay's end of one DERP connection, from behind the HTTP upgrade to its end. Runs on the channel's event loop;
 * what other connections may touch is in {@link ClientConnection}.
 */
public final class ClientHandler extends ChannelInboundHandlerAdapter
        implements FrameSplitter.Sink, ServerSession.Events, ReceiveLimit.Reader {
    private static final Logger LOG = LoggerFactory.getLogger(ClientHandler.class);

    /** derper's: what a client says about its home in its first seconds is a beginning, and no move. */
    private static final long SETTLED_NANOS = TimeUnit.SECONDS.toNanos(5);

    private final RelayContext relay;
    private final Channel channel;
    private final ServerSession session;
    private final FrameSplitter splitter;
    /** What arrived while the admission is being decided. */
    private final Queue<ByteBuf> held = new ArrayDeque<>();

    private final boolean notIdeal;
    private @Nullable ClientConnection connection;
    private @Nullable Peer peer;
    private @Nullable PacketRouter router;
    private @Nullable ForwardedPackets forwarded;
    private final ReceiveLimit limit;
    private final StallWatch stall;
    private final Gathering gathering = Gathering.current();
    private boolean home;
    private long openNanos;
    private End end = End.CLOSED;
    private boolean ending;

    /**
     * The handler of {@code channel}, which has asked for DERP.
     *
     * @param notIdeal whether the client said that it would rather be at another relay of the region
     */
    public ClientHandler(RelayContext relay, Channel channel, boolean notIdeal) {
        this.relay = relay;
        this.channel = channel;
        this.notIdeal = notIdeal;
        this.session = new ServerSession(relay.key(), relay.random(), this);
        this.splitter = new FrameSplitter(this, channel.alloc());
        this.limit = new ReceiveLimit(relay.limits(), channel, this);
        this.stall = new StallWatch(channel, relay.timing().stalledWriteMillis(), () -> close(End.WRITE_TIMEOUT));
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        session.start();
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (ending) {
            ((ByteBuf) message).release();
            return;
        }
        gathering.read();
        held.add((ByteBuf) message);
        readHeld();
    }

    private void readHeld() {
        for (ByteBuf in = held.peek(); in != null; in = held.peek()) {
            splitter.read(in);
            if (in.isReadable()) {
                return;
            }
            held.remove().release();
        }
    }

    @Override
    public boolean begin(int code, long length) {
        boolean wanted = session.begin(code, length);
        if (!wanted) {
            relay.metrics().unknownFrame();
        }
        ClientConnection open = connection;
        Peer self = peer;
        if (open != null && self != null) {
            if (self.isDuplicated() && self.active() != open) {
                relay.clients().wrote(open, self);
            }
            if (forwarded == null) {
                limit.charge(length);
            }
        }
        return wanted;
    }

    @Override
    public boolean frame(ByteBuf buffer, int start, int length) {
        FrameType type = Objects.requireNonNull(FrameType.ofCode(buffer.getUnsignedByte(start)));
        if (type == FrameType.SEND_PACKET && router != null) {
            gathering.packet();
            router.route(buffer, start, length);
        } else if (type == FrameType.FORWARD_PACKET && forwarded != null) {
            forwarded.route(buffer, start, length);
        } else {
            int payload = length - Frame.HEADER_LENGTH;
            session.frame(type, ByteBufUtil.getBytes(buffer, start + Frame.HEADER_LENGTH, payload), 0, payload);
        }
        return session.isOpen() && !limit.isWaiting();
    }

    @Override
    public void handOn() {
        if (router != null) {
            router.handOn();
        }
    }

    @Override
    public void transmit(Frame frame) {
        var _ = channel.writeAndFlush(Unpooled.wrappedBuffer(FrameCodec.encode(frame)), channel.voidPromise());
    }

    @Override
    public void login(NodePublicKey key, ClientInfo info) {
        if (relay.limits().gate().logIn(key) != null) {
            close(End.REFUSED);
            return;
        }
        channel.closeFuture().addListener(_ -> relay.limits().gate().loggedOut(key));
        channel.config().setAutoRead(false);
        InetSocketAddress source = (InetSocketAddress) channel.remoteAddress();
        boolean meshPeer = relay.isMeshPeer(info.meshKey());
        CompletableFuture<Admission.Verdict> asked = meshPeer
                ? CompletableFuture.completedFuture(Admission.Verdict.ALLOWED)
                : relay.admission().admit(key, source.getAddress());
        Frame.PeerPresent presence = new Frame.PeerPresent(key, source, flags(info, meshPeer));
        var _ = asked.thenAccept(verdict -> channel.eventLoop().execute(() -> decided(presence, verdict)));
    }

    private int flags(ClientInfo info, boolean meshPeer) {
        int flags = (meshPeer ? Frame.PeerPresent.MESH_PEER : 0)
                | (info.isProber() ? Frame.PeerPresent.PROBER : 0)
                | (notIdeal ? Frame.PeerPresent.NOT_IDEAL : 0);
        return flags == 0 ? Frame.PeerPresent.REGULAR : flags;
    }

    private void decided(Frame.PeerPresent presence, Admission.Verdict verdict) {
        relay.metrics().admission(verdict);
        if (!channel.isActive()) {
            return;
        }
        if (!verdict.letsIn()) {
            new ClientLog(LOG).decided(presence, "was not let in", verdict);
            close(End.REFUSED);
            return;
        }
        ClientConnection made = new ClientConnection(channel, relay.metrics(), presence);
        Peer self = relay.clients().add(made, presence.key());
        connection = made;
        peer = self;
        router = new PacketRouter(relay, made, self);
        openNanos = System.nanoTime();
        if (notIdeal) {
            relay.metrics().notIdealClients(1);
        }
        channel.pipeline().remove(LoginTimeout.class);
        boolean meshPeer = made.isMeshPeer();
        if (!meshPeer && relay.admission().isDenied(presence.key())) {
            // A list has changed since the verdict, and the look at all clients that followed may have missed this one.
            close(End.REVOKED);
            return;
        }
        if (meshPeer) {
            forwarded = new ForwardedPackets(relay, made);
            session.admitMeshPeer(ServerInfo.unlimited());
        } else {
            session.admit(relay.limits().current().client().hint());
        }
        startKeepAlive();
        readOn();
    }

    @Override
    public void waits() {
        Objects.requireNonNull(connection).overRate(true);
    }

    @Override
    public void readsOn() {
        Objects.requireNonNull(connection).overRate(false);
        readOn();
    }

    private void readOn() {
        splitter.resume();
        try {
            readHeld();
        } catch (ProtocolException broken) {
            brokeProtocol(broken);
            return;
        }
        channel.config().setAutoRead(!limit.isWaiting());
    }

    private void startKeepAlive() {
        long period = relay.timing().keepAlivePeriod(relay.random());
        Frame keepAlive = new Frame.KeepAlive();
        var ticker = channel.eventLoop()
                .scheduleAtFixedRate(
                        () -> {
                            Objects.requireNonNull(connection).outbox().notice(keepAlive);
                            relay.metrics().roundTrips().sample(channel);
                        },
                        period,
                        period,
                        TimeUnit.MILLISECONDS);
        channel.closeFuture().addListener(_ -> ticker.cancel(false));
    }

    @Override
    public void frame(Frame frame) {
        if (frame instanceof Frame.NotePreferred preferred && preferred.home() != home) {
            home = preferred.home();
            Objects.requireNonNull(connection).home(home);
            relay.metrics().homeClients(home ? 1 : -1);
            if (System.nanoTime() - openNanos > SETTLED_NANOS) {
                relay.metrics().homeMoved(home);
            }
        } else if (frame instanceof Frame.Ping ping && connection != null) {
            relay.metrics().pinged();
            connection.outbox().pong(ping.data());
        } else if (frame instanceof Frame.ClosePeer close) {
            relay.clients().close(close.key());
        } else if (frame instanceof Frame.WatchConns && connection != null && !isSelf()) {
            relay.clients().watch(connection);
        }
    }

    /** A relay that was told to watch itself learns nothing, and ends the link when it sees whose key it is. */
    private boolean isSelf() {
        return peer != null && peer.key().equals(relay.key().publicKey());
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        stall.changed();
        if (channel.isWritable() && connection != null) {
            WatchFeed feed = connection.feed();
            if (feed != null) {
                feed.turn();
            }
            connection.outbox().turn();
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event instanceof End reason) {
            close(reason);
        } else {
            context.fireUserEventTriggered(event);
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        if (cause instanceof ProtocolException broken) {
            brokeProtocol(broken);
        } else {
            LOG.debug("{}", channel.remoteAddress(), cause);
            close(End.FAILED);
        }
    }

    private void brokeProtocol(ProtocolException broken) {
        LOG.debug("{}: {}", channel.remoteAddress(), broken.getMessage());
        close(End.PROTOCOL_ERROR);
    }

    private void close(End reason) {
        if (!ending) {
            ending = true;
            end = reason;
        }
        var _ = channel.close();
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        splitter.close();
        limit.close();
        held.forEach(ByteBuf::release);
        held.clear();
        if (home) {
            relay.metrics().homeClients(-1);
        }
        if (connection != null && peer != null) {
            if (notIdeal) {
                relay.metrics().notIdealClients(-1);
            }
            connection.closed();
            relay.clients().remove(connection, peer);
            OwnPackets own = relay.own();
            if (end == End.REVOKED && own != null) {
                own.revoked(peer.key());
            }
        }
        relay.metrics().ended(end);
    }
}
