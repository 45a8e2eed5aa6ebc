package dev.warren.loadtest.interop;

import dev.warren.protocol.stun.BehaviorDiscovery;
import dev.warren.protocol.stun.BehaviorDiscovery.Outgoing;
import dev.warren.protocol.stun.NatBehavior;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Our discovery over real sockets. */
final class DiscoveryRun {
    private final Selector selector;
    private final List<DatagramChannel> sockets = new ArrayList<>();
    private final BehaviorDiscovery discovery;

    private DiscoveryRun(Selector selector, BehaviorDiscovery discovery) {
        this.selector = selector;
        this.discovery = discovery;
    }

    /** Asks the servers from sockets of the calling thread's network, until everything is known or given up. */
    static NatBehavior run(List<InetSocketAddress> servers, Duration lifetimeLimit) throws IOException {
        try (Selector selector = Selector.open()) {
            DiscoveryRun run = new DiscoveryRun(
                    selector, new BehaviorDiscovery(servers, lifetimeLimit, new SecureRandom(), System.nanoTime()));
            try {
                run.open();
                run.exchange();
                return run.discovery.result();
            } finally {
                for (DatagramChannel socket : run.sockets) {
                    socket.close();
                }
            }
        }
    }

    private void open() throws IOException {
        for (int i = 0; i < discovery.sockets(); i++) {
            DatagramChannel socket = DatagramChannel.open();
            sockets.add(socket);
            socket.bind(null);
            socket.configureBlocking(false);
            socket.register(selector, SelectionKey.OP_READ, i);
        }
    }

    private void exchange() throws IOException {
        byte[] buffer = new byte[2048];
        send();
        while (!discovery.isDone()) {
            long waitNanos = Math.max(0, discovery.nextDeadlineNanos() - System.nanoTime());
            selector.select(1 + TimeUnit.NANOSECONDS.toMillis(Math.min(waitNanos, TimeUnit.MINUTES.toNanos(1))));
            for (int i = 0; i < sockets.size(); i++) {
                drain(i, buffer);
            }
            selector.selectedKeys().clear();
            send();
        }
    }

    private void send() throws IOException {
        for (Outgoing due : discovery.poll(System.nanoTime())) {
            sockets.get(due.socket()).send(ByteBuffer.wrap(due.bytes()), due.to());
        }
    }

    private void drain(int socket, byte[] buffer) throws IOException {
        ByteBuffer target = ByteBuffer.wrap(buffer);
        SocketAddress from = sockets.get(socket).receive(target);
        while (from instanceof InetSocketAddress address) {
            discovery.receive(socket, buffer, 0, target.position(), address, System.nanoTime());
            target.clear();
            from = sockets.get(socket).receive(target);
        }
    }
}
