package dev.warren.stun;

import dev.warren.platform.config.Sentences;
import dev.warren.platform.config.UserError;
import dev.warren.platform.linux.AnsweringSocket;
import dev.warren.platform.linux.LinuxException;
import dev.warren.platform.linux.UdpOptions;
import dev.warren.platform.ops.Metrics;
import dev.warren.platform.ops.OpsServer;
import dev.warren.protocol.stun.ResponderConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.netty.channel.Channel;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/** A running STUN server: UDP sockets around {@link dev.warren.protocol.stun.BindingResponder}, a thread each. */
public final class StunServer implements AutoCloseable {
    /** The kernel's queue, for bursts while the thread is away; net.core.rmem_max may allow less. */
    static final int SOCKET_BUFFER_BYTES = 4 << 20;

    /** Prefixes whose rate is remembered: a megabyte. */
    private static final int LIMITED_PREFIXES = 1 << 16;

    private final StunConfig config;
    private final StunStreamConfig streamConfig;
    private final PrometheusMeterRegistry registry = Metrics.registry();
    private final StunMetrics metrics = new StunMetrics(registry);
    private final @Nullable AnswerLimit limit;
    private final List<StunSocket> sockets = new ArrayList<>();
    private final List<InetSocketAddress> addresses = new ArrayList<>();
    private @Nullable StunStreamServer streams;
    private @Nullable OpsServer ops;

    private StunServer(StunConfig config, StunStreamConfig streamConfig) {
        this.config = config;
        this.streamConfig = streamConfig;
        AnswerRate rate = config.rate();
        this.limit = rate == null ? null : new AnswerLimit(rate, LIMITED_PREFIXES, new SecureRandom());
    }

    /**
     * Binds everything that {@code config} asks for. Throws {@link UserError} when an address cannot be had or the
     * transport does not work here; nothing is left open then.
     */
    public static StunServer start(StunConfig config) {
        return start(config, StunStreamConfig.NONE);
    }

    /** The same with TCP and TLS beside UDP. */
    public static StunServer start(StunConfig config, StunStreamConfig streamConfig) {
        config.transport().unavailableReason().ifPresent(reason -> {
            throw new UserError(reason);
        });
        StunServer server = new StunServer(config, streamConfig);
        try {
            server.open();
            return server;
        } catch (UserError failure) {
            server.close();
            throw failure;
        }
    }

    /** The UDP addresses it listens on, in the order of the configuration, with their real ports. */
    public List<InetSocketAddress> addresses() {
        return List.copyOf(addresses);
    }

    /** The addresses for plain TCP, with their real ports. */
    public List<InetSocketAddress> tcpAddresses() {
        return streams == null ? List.of() : streams.tcpAddresses();
    }

    /** The addresses for TLS, with their real ports. */
    public List<InetSocketAddress> tlsAddresses() {
        return streams == null ? List.of() : streams.tlsAddresses();
    }

    /** The UDP port of the first address. */
    public int port() {
        return addresses.getFirst().getPort();
    }

    /** Where metrics and health are shown; empty when that was not asked for. */
    public Optional<InetSocketAddress> opsAddress() {
        return Optional.ofNullable(ops).map(OpsServer::address);
    }

    /** The port of {@link #opsAddress}. */
    public OptionalInt opsPort() {
        return ops == null ? OptionalInt.empty() : OptionalInt.of(ops.port());
    }

    /** What it has counted. */
    public PrometheusMeterRegistry registry() {
        return registry;
    }

    /** Closes all sockets and ends all threads before it returns. */
    @Override
    public void close() {
        if (ops != null) {
            ops.close();
        }
        if (streams != null) {
            streams.close();
        }
        sockets.forEach(StunSocket::stop);
        sockets.forEach(StunSocket::close);
        registry.close();
    }

    private void open() {
        boolean batched = config.transport().resolved() == StunTransport.BATCHED;
        InetSocketAddress alternate = config.alternate();
        if (alternate != null) {
            openCorners(config.listen().getFirst(), alternate, batched);
        } else {
            for (InetSocketAddress address : config.listen()) {
                openOne(address, new ResponderConfig(null, null, config.classic(), config.credentials()), batched);
            }
            config.inherited().forEach(this::adopt);
        }
        sockets.forEach(metrics::watch);
        for (StunSocket socket : sockets) {
            if (socket instanceof BatchedSocket ready) {
                ready.start();
            }
        }
        if (!streamConfig.isEmpty()) {
            streams = StunStreamServer.start(streamConfig, config.transport().netty(), registry, config.credentials());
        }
        InetSocketAddress opsListen = config.opsListen();
        if (opsListen != null) {
            ops = OpsServer.start(opsListen, new OpsServer.Sources(registry, this::notReady, Map.of()));
        }
    }

    private Optional<String> notReady() {
        return sockets.stream()
                .map(StunSocket::failure)
                .filter(Objects::nonNull)
                .findFirst();
    }

    /** Opens the sockets of one address, and gives the first of them. */
    private StunSocket openOne(InetSocketAddress address, ResponderConfig responder, boolean batched) {
        int first = sockets.size();
        if (batched) {
            try {
                UdpOptions options = new UdpOptions(SOCKET_BUFFER_BYTES, SOCKET_BUFFER_BYTES, 0);
                for (AnsweringSocket socket : AnsweringSocket.bind(address, threads(), options)) {
                    sockets.add(new BatchedSocket(socket, answering(responder), sockets.size() + 1));
                }
            } catch (LinuxException refused) {
                throw Sentences.cannotListen(address, "--listen", refused);
            }
        } else {
            sockets.add(NettySocket.bind(config.transport().netty(), address, answering(responder)));
        }
        addresses.add(sockets.get(first).address());
        return sockets.get(first);
    }

    private void adopt(int descriptor) {
        try {
            AnsweringSocket socket = AnsweringSocket.inherited(descriptor);
            ResponderConfig responder = new ResponderConfig(null, null, config.classic(), config.credentials());
            sockets.add(new BatchedSocket(socket, answering(responder), sockets.size() + 1));
            addresses.add(socket.address());
        } catch (LinuxException refused) {
            throw new UserError(refused.getMessage(), refused);
        }
    }

    /** Two addresses with two ports each (RFC 5780 section 6). */
    private void openCorners(InetSocketAddress primary, InetSocketAddress alternate, boolean batched) {
        List<StunSocket> first = new ArrayList<>();
        List<Integer> firstIndex = new ArrayList<>();
        // Bit 0 of a corner's number: the other port; bit 1: the other address. The change of a request, halved.
        for (int corner = 0; corner < 4; corner++) {
            firstIndex.add(sockets.size());
            first.add(openOne(corner(primary, alternate, corner), corners(primary, alternate, corner), batched));
        }
        firstIndex.add(sockets.size());
        for (int corner = 0; corner < 4; corner++) {
            List<StunSocket> seen = new ArrayList<>();
            for (int change = 0; change < 4; change++) {
                seen.add(first.get(corner ^ change));
            }
            for (StunSocket socket : sockets.subList(firstIndex.get(corner), firstIndex.get(corner + 1))) {
                connect(socket, seen);
            }
        }
    }

    private static void connect(StunSocket socket, List<StunSocket> seen) {
        switch (socket) {
            case BatchedSocket batched -> {
                List<AnsweringSocket> all = new ArrayList<>();
                seen.forEach(each -> all.add(((BatchedSocket) each).socket()));
                batched.setCorners(all);
            }
            case NettySocket netty -> {
                List<Channel> all = new ArrayList<>();
                seen.forEach(each -> all.add(((NettySocket) each).channel()));
                netty.handler().setCorners(all);
            }
        }
    }

    private ResponderConfig corners(InetSocketAddress primary, InetSocketAddress alternate, int corner) {
        try {
            return new ResponderConfig(
                    corner(primary, alternate, corner),
                    corner(primary, alternate, corner ^ 3),
                    config.classic(),
                    config.credentials());
        } catch (IllegalArgumentException wrong) {
            throw new UserError("--listen and --alternate do not go together: " + wrong.getMessage(), wrong);
        }
    }

    private static InetSocketAddress corner(InetSocketAddress primary, InetSocketAddress alternate, int corner) {
        return new InetSocketAddress(
                ((corner & 2) == 0 ? primary : alternate).getAddress(),
                ((corner & 1) == 0 ? primary : alternate).getPort());
    }

    private Answering answering(ResponderConfig responder) {
        return new Answering(responder, metrics.newCounts(), limit);
    }

    private int threads() {
        return config.threads() > 0 ? config.threads() : Runtime.getRuntime().availableProcessors();
    }
}
