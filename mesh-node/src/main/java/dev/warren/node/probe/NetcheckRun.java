package dev.warren.node.probe;

import dev.warren.node.netcheck.Netcheck;
import dev.warren.node.netcheck.NetcheckReport;
import dev.warren.node.netcheck.NetcheckTargets;
import dev.warren.node.netcheck.NetcheckTargets.RelayServer;
import dev.warren.platform.linux.Clock;
import dev.warren.platform.net.Failures;
import dev.warren.platform.net.Transport;
import dev.warren.protocol.derp.DerpNode;
import dev.warren.protocol.derp.HttpHead;
import io.netty.channel.EventLoopGroup;
import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Iterator;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The loop around one {@link Netcheck}, which belongs to the calling thread: datagrams by a selector, HTTP on a thread of
 * its own that hands its answers over and ends with the run.
 */
public final class NetcheckRun implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(NetcheckRun.class);
    private static final int BUFFER_BYTES = 2048;
    private static final long NANOS_PER_MILLI = 1_000_000;
    private static final int HTTP_PORT = 80;

    private final Selector selector;
    private final @Nullable DatagramChannel[] sockets = new DatagramChannel[Netcheck.SOCKETS];
    private final EventLoopGroup http = Transport.NIO.newGroup(1, "netcheck-http");
    private final Queue<Consumer<Netcheck>> answers = new ConcurrentLinkedQueue<>();
    private final ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES);

    private NetcheckRun() throws IOException {
        selector = Selector.open();
    }

    /** Checks the network of the calling thread; returns after {@code limit} at the latest. */
    public static NetcheckReport check(NetcheckTargets targets, Duration limit) throws IOException {
        try (NetcheckRun run = new NetcheckRun()) {
            Rehearsal.stun();
            Rehearsal.http();
            Netcheck check = new Netcheck(targets, new SecureRandom(), Clock.bootTimeNanos(), limit.toNanos());
            return run.loop(check);
        }
    }

    private NetcheckReport loop(Netcheck check) throws IOException {
        while (true) {
            long now = Clock.bootTimeNanos();
            for (Netcheck.Action action : check.poll(now)) {
                carryOut(action, check);
            }
            if (check.isOver(now)) {
                return check.report(Clock.bootTimeNanos());
            }
            long wait = check.nextDeadlineNanos(now) - Clock.bootTimeNanos();
            if (wait > 0) {
                selector.select(Math.max(1, wait / NANOS_PER_MILLI));
            } else {
                selector.selectNow();
            }
            receive(check);
            for (Consumer<Netcheck> answer = answers.poll(); answer != null; answer = answers.poll()) {
                answer.accept(check);
            }
        }
    }

    private void carryOut(Netcheck.Action action, Netcheck check) {
        switch (action) {
            case Netcheck.Send send -> send(send, check);
            case Netcheck.MeasureRelay(RelayServer relay) -> measure(relay);
            case Netcheck.AskPortal(RelayServer relay, String challenge) -> askPortal(relay, challenge);
        }
    }

    private void send(Netcheck.Send send, Netcheck check) {
        try {
            socket(send.socket(), send.to()).send(ByteBuffer.wrap(send.bytes()), send.to());
        } catch (IOException | UnsupportedOperationException noRoute) {
            LOG.debug("nothing can be sent to {}: {}", send.to(), noRoute.getMessage());
            check.sendFailed(send.socket(), send.to());
        }
    }

    /** The socket of this number, opened for the family of whom it sends to first. */
    private DatagramChannel socket(int index, InetSocketAddress to) throws IOException {
        DatagramChannel open = sockets[index];
        if (open == null) {
            boolean six = to.getAddress() instanceof Inet6Address;
            open = DatagramChannel.open(six ? StandardProtocolFamily.INET6 : StandardProtocolFamily.INET);
            sockets[index] = open;
            open.configureBlocking(false);
            open.bind(null);
            open.register(selector, SelectionKey.OP_READ, index);
        }
        return open;
    }

    private void receive(Netcheck check) throws IOException {
        Iterator<SelectionKey> ready = selector.selectedKeys().iterator();
        while (ready.hasNext()) {
            SelectionKey key = ready.next();
            ready.remove();
            DatagramChannel socket = (DatagramChannel) key.channel();
            buffer.clear();
            for (InetSocketAddress from = receive(socket); from != null; from = receive(socket)) {
                check.receive(
                        (Integer) key.attachment(), buffer.array(), 0, buffer.position(), from, Clock.bootTimeNanos());
                buffer.clear();
            }
        }
    }

    private @Nullable InetSocketAddress receive(DatagramChannel socket) throws IOException {
        return (InetSocketAddress) socket.receive(buffer);
    }

    private void measure(RelayServer relay) {
        boolean secured = !relay.node().trust().plaintext();
        String request = get("/derp/latency-check", relay.node(), relay.node().derpPort(), "");
        var _ = HttpProbe.send(http, relay.node(), relay.address(), secured, request)
                .whenComplete((answer, failure) -> {
                    if (failure != null) {
                        LOG.debug("{} does not answer over TCP", relay, failure);
                        hand(check -> check.relayFailed(relay, Failures.sentence(failure)));
                    } else if (status(answer.head()) / 100 == 2) {
                        hand(check -> check.relayAnswered(relay, answer.nanos()));
                    } else {
                        hand(check -> check.relayFailed(relay, "HTTP status " + status(answer.head())));
                    }
                });
    }

    private void askPortal(RelayServer relay, String challenge) {
        int port = relay.node().trust().plaintext() ? relay.node().derpPort() : HTTP_PORT;
        String request = get("/generate_204", relay.node(), port, "X-Tailscale-Challenge: " + challenge + "\r\n");
        InetSocketAddress address = new InetSocketAddress(relay.address().getAddress(), port);
        var _ = HttpProbe.send(http, relay.node(), address, false, request).whenComplete((answer, failure) -> {
            if (failure == null) {
                HttpHead head = answer.head();
                hand(check -> check.portalAnswered(relay, status(head), head.field("X-Tailscale-Response")));
            } else {
                LOG.debug("{} does not answer over plain HTTP", relay, failure);
                hand(check -> check.portalFailed(relay));
            }
        });
    }

    private void hand(Consumer<Netcheck> answer) {
        answers.add(answer);
        selector.wakeup();
    }

    private static String get(String path, DerpNode node, int port, String more) {
        String host = node.hostName().indexOf(':') < 0 ? node.hostName() : "[" + node.hostName() + "]";
        boolean usual =
                port == (node.trust().plaintext() ? HTTP_PORT : DerpNode.Ports.DEFAULT_DERP) || port == HTTP_PORT;
        return "GET " + path + " HTTP/1.1\r\nHost: " + (usual ? host : host + ":" + port)
                + "\r\nUser-Agent: warren-netcheck\r\n" + more + "Connection: close\r\n\r\n";
    }

    private static int status(HttpHead head) {
        try {
            return head.status();
        } catch (dev.warren.protocol.derp.ProtocolException noStatus) {
            return 0;
        }
    }

    /** Closes the sockets and ends the thread. */
    @Override
    public void close() throws IOException {
        var _ = http.shutdownGracefully(0, 0, TimeUnit.SECONDS);
        for (DatagramChannel socket : sockets) {
            if (socket != null) {
                socket.close();
            }
        }
        selector.close();
    }
}
