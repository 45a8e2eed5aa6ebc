package dev.warren.relay.client;

import dev.warren.platform.config.Sentences;
import dev.warren.protocol.derp.Frame;
import dev.warren.protocol.derp.FrameCodec;
import dev.warren.relay.client.RelayMetrics.End;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import java.net.InetSocketAddress;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A connection that is logged in, as others see it. Any thread may call it. */
final class ClientConnection {
    private final Channel channel;
    private final Outbox outbox;
    private final Frame.PeerPresent presence;
    /** Guarded by the registry's lock: keys that are known only because this mesh peer forwarded their packets. */
    private final Set<Peer> carried = new HashSet<>(0);

    private final DuplicateNotice duplicateNotice;
    /** Keys whose packets were sent over this connection. */
    private final Set<Peer> heardFrom = ConcurrentHashMap.newKeySet();

    private final ConnectionCounts counts = new ConnectionCounts();
    private final long sinceUnixMillis = System.currentTimeMillis();
    private volatile boolean home;
    private volatile boolean overRate;
    private volatile boolean closed;
    private volatile long confirmedNanos = System.nanoTime();
    private volatile @Nullable WatchFeed feed;

    /** @param presence what relays that watch are told of it */
    ClientConnection(Channel channel, RelayMetrics metrics, Frame.PeerPresent presence) {
        this.channel = channel;
        this.outbox = new Outbox(channel, metrics, counts);
        this.presence = presence;
        this.duplicateNotice = new DuplicateNotice(channel, outbox);
    }

    /** Its client would be let in at {@code nowNanos} ({@link System#nanoTime}). */
    void confirmed(long nowNanos) {
        confirmedNanos = nowNanos;
    }

    /** How long ago its client was let in, or would have been. */
    long unconfirmedNanos(long nowNanos) {
        return nowNanos - confirmedNanos;
    }

    Outbox outbox() {
        return outbox;
    }

    Frame.PeerPresent presence() {
        return presence;
    }

    /** Whether it is another relay of the region. */
    boolean isMeshPeer() {
        return (presence.flags() & Frame.PeerPresent.MESH_PEER) != 0;
    }

    /** What it is told as a watcher; null when it does not watch. */
    @Nullable
    WatchFeed feed() {
        return feed;
    }

    /** It watches from now on; {@code present} was there before. */
    WatchFeed startFeed(List<Frame.PeerPresent> present) {
        WatchFeed made = new WatchFeed(channel, present, () -> end(End.WATCHER_BEHIND));
        feed = made;
        return made;
    }

    Set<Peer> carriedLocked() {
        return carried;
    }

    ConnectionCounts counts() {
        return counts;
    }

    /** Whether the relay is the client's home. */
    void home(boolean now) {
        home = now;
    }

    /** Whether the client is not read from, as it is over its rate. */
    void overRate(boolean now) {
        overRate = now;
    }

    /** What an operator sees of it. */
    ConnectionStatus status(Peer peer) {
        return new ConnectionStatus(
                peer.key(),
                channel.remoteAddress() instanceof InetSocketAddress address ? Sentences.hostPort(address) : "",
                sinceUnixMillis,
                new ConnectionStatus.Flags(home, peer.isDuplicated(), overRate),
                new ConnectionStatus.Traffic(counts.receivedPackets(), counts.receivedBytes()),
                new ConnectionStatus.Traffic(counts.sentPackets(), counts.sentBytes()),
                outbox.queuedBytes(),
                counts.drops());
    }

    /** Other connections use the same key, or no longer do. */
    void sharesKey(boolean shared) {
        duplicateNotice.shared(shared);
    }

    /** A packet of {@code source} goes out over this connection, which wants to know when the source leaves. */
    void hears(Peer source) {
        source.hearers().add(this);
        heardFrom.add(source);
        if (closed) {
            source.hearers().remove(this);
        }
    }

    /** {@code source} has left; who it was need not be remembered. */
    void forgets(Peer source) {
        heardFrom.remove(source);
    }

    /** Ends the connection for {@code reason}, which is counted. */
    void end(End reason) {
        try {
            channel.eventLoop().execute(() -> channel.pipeline().fireUserEventTriggered(reason));
        } catch (RejectedExecutionException stopping) {
            // The relay ends, and all its connections with it.
        }
    }

    /** Writes {@code frame} and ends the connection. */
    void endAfter(Frame frame) {
        channel.eventLoop().execute(() -> {
            outbox.turn();
            var _ = channel.writeAndFlush(Unpooled.wrappedBuffer(FrameCodec.encode(frame)))
                    .addListener(ChannelFutureListener.CLOSE);
        });
    }

    /** Tells the client to reconnect in {@code inMillis}, and ends the connection {@code graceMillis} after that. */
    void leave(long inMillis, long graceMillis, int tryForMillis) {
        outbox.notice(new Frame.Restarting(inMillis, tryForMillis));
        Runnable end = () -> {
            var _ = channel.close();
        };
        var _ = channel.eventLoop().schedule(end, inMillis + graceMillis, TimeUnit.MILLISECONDS);
    }

    /** It is over: on its event loop, once. */
    void closed() {
        closed = true;
        outbox.close();
        heardFrom.forEach(source -> source.hearers().remove(this));
    }
}
