package dev.warren.loadtest.relay;

import dev.warren.loadtest.relay.wire.Connection;
import dev.warren.loadtest.relay.wire.InboundFrames;
import dev.warren.loadtest.relay.wire.Loop;
import dev.warren.loadtest.relay.wire.Target;
import dev.warren.platform.config.UserError;
import dev.warren.platform.linux.LinuxException;
import dev.warren.platform.linux.Poller;
import dev.warren.platform.linux.TcpOptions;
import dev.warren.protocol.key.NodePrivateKey;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** Logs a number of clients in, some at a time. The first that fails ends it. */
final class Crowd implements Connection.Owner {
    private static final int PARALLEL = 32;
    /** Clients that come from one address: the kernel has 28,000 ports for one. */
    private static final int PER_ADDRESS = 20_000;

    private final Loop loop;
    private final Target target;
    private final boolean sourcesVary;
    private final List<Connection> clients = new ArrayList<>();
    private int opened;
    private @Nullable String failure;

    Crowd(Loop loop, Target target) {
        this.loop = loop;
        this.target = target;
        sourcesVary = canVary(target.resolve());
    }

    /**
     * Logs in one client for each key; returns when all are.
     *
     * @param receiveBufferBytes of their sockets, 0 for the usual
     * @return the clients, in the order of their keys
     * @throws UserError when one cannot connect or is not let in
     */
    List<Connection> open(List<NodePrivateKey> keys, int receiveBufferBytes) throws LinuxException {
        int first = clients.size();
        int wanted = first + keys.size();
        while (opened < wanted) {
            while (clients.size() < wanted && clients.size() - opened < PARALLEL) {
                TcpOptions options = new TcpOptions(source(clients.size()), receiveBufferBytes);
                clients.add(loop.connect(keys.get(clients.size() - first), options, this));
            }
            loop.turn(Poller.NEVER);
            if (failure != null) {
                throw cannot(target, failure);
            }
        }
        return List.copyOf(clients.subList(first, wanted));
    }

    /** All clients that were opened, in order. */
    List<Connection> all() {
        return clients;
    }

    /** The error when a client was not let in. */
    static UserError cannot(Target target, String reason) {
        return new UserError("no client can log in at " + target + ": " + reason);
    }

    static List<NodePrivateKey> keys(int count, RandomGenerator random) {
        List<NodePrivateKey> keys = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            keys.add(NodePrivateKey.generate(random));
        }
        return keys;
    }

    /** Where the client of that number comes from; null for wherever the kernel chooses. */
    private @Nullable InetAddress source(int number) {
        int address = number / PER_ADDRESS;
        return address == 0 || !sourcesVary ? null : InetAddress.ofLiteral("127.0.0." + (1 + address));
    }

    private static boolean canVary(InetSocketAddress address) {
        return address.getAddress() instanceof Inet4Address four && four.isLoopbackAddress();
    }

    @Override
    public void opened(Connection connection) {
        opened++;
    }

    @Override
    public void packet(Connection connection, InboundFrames packet) {
        // Nobody sends yet.
    }

    @Override
    public void ended(Connection connection, String reason) {
        failure = failure == null ? reason : failure;
    }
}
