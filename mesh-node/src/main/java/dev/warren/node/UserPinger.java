package dev.warren.node;

import dev.warren.node.control.ControlReply;
import dev.warren.node.control.ControlRequest;
import dev.warren.node.engine.PingAnswer;
import dev.warren.node.tunnel.Tunnel;
import dev.warren.protocol.coordination.AddressText;
import dev.warren.protocol.coordination.KnownNode;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/** Carries out {@code warren ping}: one disco ping a second, each answer handed on as it comes. */
final class UserPinger {
    private static final long ANSWER_MILLIS = 2_000;
    private static final long PERIOD_MILLIS = 1_000;
    private static final long NANOS_PER_MILLI = 1_000_000;

    private final Tunnel tunnel;
    private final AtomicLong tokens = new AtomicLong();
    private final Map<Long, CompletableFuture<PingAnswer>> waiting = new ConcurrentHashMap<>();

    UserPinger(Tunnel tunnel) {
        this.tunnel = tunnel;
    }

    /** An answer came; on the datapath thread. */
    void answered(long token, PingAnswer answer) {
        CompletableFuture<PingAnswer> ping = waiting.remove(token);
        if (ping != null) {
            ping.complete(answer);
        }
    }

    /** Pings {@code peer} as asked; returns at the end. */
    void ping(KnownNode peer, ControlRequest.Ping request, Consumer<ControlReply> replies) throws InterruptedException {
        if (request.count() < 1 || request.count() > ControlRequest.Ping.MOST) {
            throw new IllegalArgumentException("the count must be between 1 and " + ControlRequest.Ping.MOST);
        }
        for (int i = 0; i < request.count(); i++) {
            long startNanos = System.nanoTime();
            ControlReply reply = once(peer);
            replies.accept(reply);
            boolean direct = reply instanceof ControlReply.Pong pong && pong.address() != null;
            if (i + 1 == request.count() || (request.untilDirect() && direct)) {
                return;
            }
            long spentMillis = (System.nanoTime() - startNanos) / NANOS_PER_MILLI;
            TimeUnit.MILLISECONDS.sleep(Math.max(0, PERIOD_MILLIS - spentMillis));
        }
    }

    private ControlReply once(KnownNode peer) throws InterruptedException {
        long token = tokens.incrementAndGet();
        CompletableFuture<PingAnswer> answer = new CompletableFuture<>();
        waiting.put(token, answer);
        try {
            boolean sent = tunnel.ask((engine, now) -> engine.ping(peer.nodeKey(), token, now))
                    .get(ANSWER_MILLIS, TimeUnit.MILLISECONDS);
            if (!sent) {
                throw new IllegalStateException(
                        peer.name() + " has neither an address nor a relay yet; is it up? (warren status shows it)");
            }
            return pong(peer, answer.get(ANSWER_MILLIS, TimeUnit.MILLISECONDS));
        } catch (TimeoutException silent) {
            return new ControlReply.Lost(peer.name(), ANSWER_MILLIS);
        } catch (ExecutionException ended) {
            throw new IllegalStateException("the node is stopping", ended);
        } finally {
            waiting.remove(token);
        }
    }

    private static ControlReply pong(KnownNode peer, PingAnswer answer) {
        return new ControlReply.Pong(
                peer.name(),
                peer.addresses().isEmpty()
                        ? ""
                        : AddressText.format(peer.addresses().getFirst()),
                answer.direct() == null ? null : NodeView.text(answer.direct()),
                answer.relayRegion(),
                (double) answer.latencyNanos() / NANOS_PER_MILLI,
                answer.udpRelay() == null ? null : answer.udpRelay().toString());
    }
}
