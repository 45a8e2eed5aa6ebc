package dev.warren.stun;

import dev.warren.platform.config.HostPort;
import dev.warren.platform.config.ListenDescriptors;
import dev.warren.platform.config.Program;
import dev.warren.platform.config.Sentences;
import dev.warren.platform.config.ServiceOptions;
import dev.warren.platform.config.UserError;
import dev.warren.platform.ops.OpsServer;
import dev.warren.protocol.stun.StunCredentials;
import dev.warren.protocol.stun.StunNonces;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code warren stun}: tells whoever asks under which address and port the world sees them. */
@Command(
        name = "stun",
        description = "Runs a STUN server (RFC 8489; answers Tailscale's and RFC 3489's requests too).",
        footer = "It keeps no state: start as many as you like, and stop them with Ctrl-C or SIGTERM.")
public final class StunMain implements Callable<Integer> {
    @Option(
            names = "--listen",
            paramLabel = "HOST:PORT",
            defaultValue = ":3478",
            description = "UDP address; may be repeated. Without a host: all addresses, IPv4 and IPv6.")
    private List<HostPort> listen = List.of();

    @Option(
            names = "--transport",
            paramLabel = "auto|batched|epoll|io_uring|nio",
            defaultValue = "auto",
            description = "The kernel interface; auto is batched (recvmmsg, sendmmsg) on Linux.")
    private StunTransport transport = StunTransport.AUTO;

    @Option(
            names = "--threads",
            paramLabel = "N",
            defaultValue = "0",
            description = "Sockets and threads for each address (batched); 0: as many as there are processors.")
    private int threads;

    @Option(
            names = "--alternate",
            paramLabel = "HOST:PORT",
            description = "Another address and port of this machine, for clients that explore their NAT (RFC 5780). "
                    + "Both addresses must be given in full, and listen on both ports.")
    private @Nullable HostPort alternate;

    @Option(
            names = "--no-classic",
            description = "Ignores RFC 3489's requests, which have no cookie: some attacks use them.")
    private boolean noClassic;

    @Option(
            names = "--users",
            paramLabel = "FILE",
            description = "Answers only those who prove a name and password of this file: lines NAME:PASSWORD "
                    + "(RFC 8489 section 9). None: everybody.")
    private @Nullable Path users;

    @Option(
            names = "--realm",
            paramLabel = "NAME",
            description = "Makes --users long-term credentials of this realm. None: they are short-term ones.")
    private @Nullable String realm;

    @Option(
            names = "--prefix-rate",
            paramLabel = "N",
            defaultValue = "0",
            description = "Answers a second for one IPv4 address or IPv6 /64; more are dropped. 0: no limit.")
    private int prefixRate;

    @Option(
            names = "--prefix-burst",
            paramLabel = "N",
            defaultValue = "0",
            description = "Answers at once before --prefix-rate counts; 0: a second's worth.")
    private int prefixBurst;

    @Option(
            names = "--ops-listen",
            paramLabel = "HOST:PORT",
            defaultValue = "127.0.0.1:9478",
            description = "TCP address of /metrics, /healthz and /readyz. Without a host: loopback.")
    private HostPort opsListen = new HostPort("127.0.0.1", 0);

    @Mixin
    private final StreamOptions streams = new StreamOptions();

    @Mixin
    @SuppressWarnings("UnusedVariable") // Program looks for it.
    private final ServiceOptions service = new ServiceOptions();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    /** Runs the program; ends the JVM. */
    public static void main(String[] arguments) {
        Program.main(new StunMain(), arguments);
    }

    @Override
    public Integer call() throws InterruptedException {
        StunServer server = StunServer.start(config(), streams.config());
        PrintWriter out = spec.commandLine().getOut();
        server.addresses()
                .forEach(address ->
                        out.println("STUN on udp " + Sentences.hostPort(address) + " by " + transport.resolved()));
        server.tcpAddresses().forEach(address -> out.println("STUN on tcp " + Sentences.hostPort(address)));
        server.tlsAddresses().forEach(address -> out.println("STUN on tls " + Sentences.hostPort(address)));
        server.opsAddress()
                .ifPresent(address -> out.println("metrics on http://" + Sentences.hostPort(address) + "/metrics"));
        out.flush();
        Program.serveUntilStopped(server);
        return 0;
    }

    private StunConfig config() {
        List<Integer> inherited =
                ListenDescriptors.of(System.getenv(), ProcessHandle.current().pid());
        try {
            return new StunConfig(
                    inherited.isEmpty()
                            ? listen.stream().map(HostPort::listenAddress).toList()
                            : List.of(),
                    inherited,
                    alternate == null ? null : alternate.listenAddress(),
                    transport,
                    threads,
                    !noClassic,
                    credentials(),
                    rate(),
                    OpsServer.listenAddress(opsListen));
        } catch (IllegalArgumentException wrong) {
            throw new UserError(Objects.requireNonNullElse(wrong.getMessage(), "wrong configuration"), wrong);
        }
    }

    private @Nullable StunCredentials credentials() {
        Path file = users;
        String name = realm;
        if (file == null) {
            if (name != null) {
                throw new UserError("--realm says nothing without --users");
            }
            return null;
        }
        Map<String, String> passwords = UsersFile.read(file);
        if (name == null) {
            return new StunCredentials.ShortTerm(passwords);
        }
        StunNonces nonces = new StunNonces(new SecureRandom(), StunNonces.LIFETIME, System::nanoTime);
        return new StunCredentials.LongTerm(name, passwords, nonces);
    }

    private @Nullable AnswerRate rate() {
        if (prefixRate == 0) {
            if (prefixBurst != 0) {
                throw new UserError("--prefix-burst says nothing without --prefix-rate");
            }
            return null;
        }
        try {
            return new AnswerRate(prefixRate, prefixBurst == 0 ? prefixRate : prefixBurst);
        } catch (IllegalArgumentException wrong) {
            throw new UserError("--prefix-rate and --prefix-burst: " + wrong.getMessage(), wrong);
        }
    }
}
