package dev.warren.relay.udp;

import dev.warren.platform.config.UserError;
import dev.warren.platform.linux.Clock;
import dev.warren.platform.linux.LinuxException;
import dev.warren.platform.linux.Poller;
import dev.warren.platform.linux.UdpOptions;
import dev.warren.platform.linux.UdpPair;
import dev.warren.platform.linux.UdpSocket;
import dev.warren.protocol.crypto.Blake2s;
import dev.warren.protocol.key.DiscoPrivateKey;
import dev.warren.protocol.key.DiscoPublicKey;
import dev.warren.protocol.key.NodePrivateKey;
import dev.warren.protocol.key.NodePublicKey;
import dev.warren.protocol.udprelay.Allocation;
import dev.warren.protocol.udprelay.UdpRelayServer;
import dev.warren.relay.client.OwnPackets;
import io.micrometer.core.instrument.MeterRegistry;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A UDP relay that runs: one thread sleeps in one epoll on its sockets, on requests that came over DERP and on the next
 * session's end, and owns the {@link UdpRelayServer}. {@link #packet} may be called by any thread; {@link #close} ends
 * the thread and waits for that.
 */
public final class UdpRelay implements OwnPackets {
    private static final Logger LOG = LoggerFactory.getLogger(UdpRelay.class);
    /** Requests that wait for the thread: what it does in some 0.1 s. */
    private static final int MAX_REQUESTS = 1_024;

    private static final int REQUESTS_A_TURN = 32;
    /** So many turns in a row with an exception are no accident of one packet any more. */
    private static final int MAX_FAILED_TURNS = 100;

    private record Bound(UdpSocket socket, boolean ipv6) {}

    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Request(NodePublicKey client, byte[] packet, Answer answer) {}

    private static final byte[] DISCO_LABEL = "warren udp relay disco key".getBytes(StandardCharsets.US_ASCII);

    private final NodePublicKey key;
    private final DiscoPublicKey discoKey;
    private final Poller poller;
    private final UdpRelayServer server;
    private final UdpRelayMetrics metrics;
    private final List<UdpPort> ports = new ArrayList<>();
    private final BlockingQueue<Request> requests = new ArrayBlockingQueue<>(MAX_REQUESTS);
    /** Not in the queue, which drops what is too much; there are no more of them than there were clients. */
    private final Set<NodePublicKey> revoked = ConcurrentHashMap.newKeySet();

    private final int port;
    private final Thread thread;
    private long endedBefore;
    private volatile boolean closing;

    private UdpRelay(
            NodePrivateKey key, Poller poller, List<Bound> sockets, UdpRelayServer server, UdpRelayMetrics metrics)
            throws LinuxException {
        this.key = key.publicKey();
        this.discoKey = discoKey(key).publicKey();
        this.poller = poller;
        this.server = server;
        this.metrics = metrics;
        this.port = sockets.getFirst().socket().port();
        this.thread = Thread.ofPlatform().name("udp-relay-" + port).unstarted(this::run);
        for (Bound bound : sockets) {
            ports.add(new UdpPort(bound.socket(), bound.ipv6(), server, metrics));
            poller.add(bound.socket().descriptor(), ports.size() - 1, true, false);
        }
        if (ports.size() == 2) {
            ports.getFirst().setOther(ports.getLast());
            ports.getLast().setOther(ports.getFirst());
        }
    }

    /**
     * Binds the port and starts the thread. Throws {@link UserError} when the port or an address to tell clients cannot
     * be had.
     *
     * @param key the relay's; its disco key is {@link #discoKey} of it
     * @param hostName the relay's, whose addresses clients are told when the configuration has none
     */
    public static UdpRelay start(UdpRelayConfig config, NodePrivateKey key, String hostName, MeterRegistry registry) {
        List<Bound> sockets = new ArrayList<>();
        Poller poller = null;
        try {
            sockets.addAll(bind(config.listen()));
            poller = Poller.open();
            UdpRelayServer server = new UdpRelayServer(
                    discoKey(key),
                    addresses(config, hostName, sockets.getFirst().socket().port()),
                    config.limits(),
                    TimeUnit.MILLISECONDS.toNanos(Instant.now().toEpochMilli()),
                    new SecureRandom(),
                    Clock.bootTimeNanos());
            UdpRelay relay = new UdpRelay(key, poller, sockets, server, new UdpRelayMetrics(registry));
            relay.thread.start();
            return relay;
        } catch (LinuxException | UserError refused) {
            sockets.forEach(bound -> bound.socket().close());
            if (poller != null) {
                poller.close();
            }
            if (refused instanceof UserError said) {
                throw said;
            }
            throw new UserError("--udp-relay-listen: " + refused.getMessage(), refused);
        }
    }

    /**
     * The disco key of a relay: it stands in relay maps, so it must survive restarts, and so it is derived from the
     * relay's own (by BLAKE2s under that key) instead of being one more file.
     */
    public static DiscoPrivateKey discoKey(NodePrivateKey key) {
        byte[] secret = key.bytes();
        byte[] derived =
                new Blake2s(Blake2s.HASH_LENGTH, secret).update(DISCO_LABEL).finish();
        Arrays.fill(secret, (byte) 0);
        return DiscoPrivateKey.of(derived);
    }

    private static List<Bound> bind(InetSocketAddress listen) throws LinuxException {
        if (!listen.getAddress().isAnyLocalAddress()) {
            UdpSocket socket = UdpSocket.bind(listen, UdpOptions.DEFAULT);
            return List.of(new Bound(socket, listen.getAddress() instanceof Inet6Address));
        }
        UdpPair pair = UdpPair.open(listen.getPort(), UdpOptions.DEFAULT);
        Bound ipv4 = new Bound(pair.ipv4(), false);
        UdpSocket ipv6 = pair.ipv6();
        return ipv6 == null ? List.of(ipv4) : List.of(ipv4, new Bound(ipv6, true));
    }

    private static List<InetSocketAddress> addresses(UdpRelayConfig config, String hostName, int port) {
        List<InetSocketAddress> told = new ArrayList<>();
        for (InetSocketAddress address : config.addresses()) {
            told.add(address.getPort() == 0 ? new InetSocketAddress(address.getAddress(), port) : address);
        }
        if (told.isEmpty() && !config.listen().getAddress().isAnyLocalAddress()) {
            told.add(new InetSocketAddress(config.listen().getAddress(), port));
        }
        if (told.isEmpty()) {
            try {
                for (InetAddress address : InetAddress.getAllByName(hostName)) {
                    told.add(new InetSocketAddress(address, port));
                }
            } catch (UnknownHostException unknown) {
                throw new UserError(
                        "the host name \"" + hostName + "\" has no address to tell the UDP relay's clients:"
                                + " give --udp-relay-address",
                        unknown);
            }
        }
        return told;
    }

    @Override
    public DiscoPublicKey discoKey() {
        return discoKey;
    }

    /** The UDP port, the same for both families. */
    @Override
    public int port() {
        return port;
    }

    @Override
    public NodePublicKey key() {
        return key;
    }

    @Override
    public void packet(NodePublicKey client, byte[] packet, Answer answer) {
        if (closing || !requests.offer(new Request(client, packet, answer))) {
            metrics.queueFull();
            return;
        }
        poller.wakeUp();
    }

    @Override
    public void revoked(NodePublicKey client) {
        revoked.add(client);
        poller.wakeUp();
    }

    private void run() {
        try {
            boolean more = false;
            int failures = 0;
            while (!closing) {
                int ready = poller.await(more ? 0 : server.nextDeadlineNanos());
                try {
                    more = turn(ready);
                    failures = 0;
                } catch (RuntimeException bug) {
                    // One packet must not end it for all.
                    LOG.error("unexpected failure in the UDP relay on port {}", port, bug);
                    if (++failures == MAX_FAILED_TURNS) {
                        throw bug;
                    }
                }
            }
        } catch (LinuxException unusable) {
            if (!closing) {
                LOG.error("the UDP relay on port {} ends: {}", port, unusable.getMessage());
            }
        } finally {
            ports.forEach(UdpPort::close);
            poller.close();
        }
    }

    /** Whether there is more to do at once. */
    private boolean turn(int ready) throws LinuxException {
        long nowNanos = Clock.bootTimeNanos();
        boolean more = false;
        if (!revoked.isEmpty()) {
            endRevoked();
        }
        for (int i = 0; i < ready; i++) {
            more |= ports.get(poller.token(i)).turn(nowNanos);
        }
        for (int i = 0; i < REQUESTS_A_TURN; i++) {
            Request request = requests.poll();
            if (request == null) {
                break;
            }
            Allocation outcome =
                    server.allocate(request.client(), request.packet(), 0, request.packet().length, nowNanos);
            metrics.allocation(outcome);
            if (outcome.isAnswered()) {
                request.answer().send(server.answer());
            }
        }
        if (server.nextDeadlineNanos() <= nowNanos) {
            server.poll(nowNanos);
        }
        metrics.sessions(server.sessionCount(), server.openSessionCount(), server.endedSessions() - endedBefore);
        endedBefore = server.endedSessions();
        return more || !requests.isEmpty();
    }

    private void endRevoked() {
        for (Iterator<NodePublicKey> each = revoked.iterator(); each.hasNext(); ) {
            NodePublicKey client = each.next();
            each.remove();
            // What it asked for before it was cut off must not be granted after that.
            requests.removeIf(request -> request.client().equals(client));
            server.revoke(client);
        }
    }

    @Override
    public void close() {
        closing = true;
        poller.wakeUp();
        boolean interrupted = false;
        while (true) {
            try {
                thread.join();
                break;
            } catch (InterruptedException later) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
