package dev.warren.relay;

import dev.warren.platform.acme.AcmeConfig;
import dev.warren.platform.config.HostPort;
import dev.warren.platform.config.Problems;
import dev.warren.platform.config.Program;
import dev.warren.platform.config.ReloadLoop;
import dev.warren.platform.config.Sentences;
import dev.warren.platform.config.ServiceOptions;
import dev.warren.platform.config.UserError;
import dev.warren.platform.net.Gathering;
import dev.warren.platform.net.Transport;
import dev.warren.platform.ops.OpsServer;
import dev.warren.platform.tls.TlsEngine;
import dev.warren.protocol.coordination.JoinToken;
import dev.warren.protocol.coordination.LeaseRequest;
import dev.warren.protocol.derp.DerpMapCodec;
import dev.warren.protocol.derp.DerpNode;
import dev.warren.protocol.derp.DerpRegion;
import dev.warren.protocol.derp.RelaySpec;
import dev.warren.relay.admission.AdmissionConfig;
import dev.warren.relay.limit.Limits;
import dev.warren.relay.udp.UdpRelayConfig;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code warren relay}: forwards sealed packets between clients that cannot reach each other. */
@Command(
        name = "relay",
        description = "Runs a DERP relay. Tailscale's and Headscale's clients can use it too.",
        subcommands = StatusCommand.class,
        footer = "Its certificate, when it makes one itself, lies beside its key and survives restarts.")
public final class RelayMain implements Callable<Integer> {
    private static final int MILLIS_PER_SECOND = 1000;
    private static final int MAX_DRAIN_SECONDS = 3600;
    /** Ten milliseconds: more would be felt. */
    private static final int MOST_GATHER_MICROS = 10_000;
    /** Where clients look for captive portals, when the map says that they can. */
    private static final int HTTP_PORT = 80;

    @Option(
            names = "--listen",
            paramLabel = "HOST:PORT",
            defaultValue = ":443",
            description = "TCP address. Without a host: all addresses, IPv4 and IPv6.")
    private HostPort listen = new HostPort("", 443);

    @Option(names = "--tls-cert", paramLabel = "FILE", description = "PEM certificate chain. None: self-signed.")
    private @Nullable Path tlsCert;

    @Option(names = "--tls-key", paramLabel = "FILE", description = "PEM private key of --tls-cert.")
    private @Nullable Path tlsKey;

    @Option(names = "--plaintext", description = "No TLS: for tests, or behind something that speaks it.")
    private boolean plaintext;

    @Option(
            names = "--node-key",
            paramLabel = "FILE",
            defaultValue = "relay.key",
            description = "The relay's key, in derper's JSON form; made when absent.")
    private Path nodeKey = Path.of("relay.key");

    @Option(
            names = "--hostname",
            paramLabel = "NAME|IP",
            description = "Under which name or address clients reach the relay. None: the one it listens on.")
    private @Nullable String hostname;

    @Option(
            names = "--region",
            paramLabel = "ID",
            defaultValue = "900",
            description = "The region's number; 900 to 999 are free for one's own use.")
    private int region = 900;

    @Option(
            names = "--transport",
            paramLabel = "auto|epoll|io_uring|nio",
            defaultValue = "auto",
            description = "The kernel interface; auto is epoll where it works.")
    private Transport transport = Transport.AUTO;

    @Option(
            names = "--tls-engine",
            paramLabel = "auto|boringssl|jdk",
            defaultValue = "auto",
            description = "What does TLS for clients; auto is BoringSSL where it loads.")
    private TlsEngine tlsEngine = TlsEngine.AUTO;

    @Option(
            names = "--gather-micros",
            paramLabel = "N",
            defaultValue = "" + Gathering.STANDARD_MICROS,
            description = "How long a busy event loop lets packets gather at most, in microseconds; 0 for never.")
    private int gatherMicros = Gathering.STANDARD_MICROS;

    @Option(
            names = "--ops-listen",
            paramLabel = "HOST:PORT",
            defaultValue = "127.0.0.1:9443",
            description = "TCP address of /metrics, /healthz and /readyz. Without a host: loopback.")
    private HostPort opsListen = new HostPort("127.0.0.1", 0);

    @Option(
            names = "--drain-seconds",
            paramLabel = "SECONDS",
            defaultValue = "8",
            description = "When told to stop: how long clients have to move on, spread over it. Told again: at once.")
    private int drainSeconds = 8;

    @Mixin
    private final AcmeOptions acme = new AcmeOptions();

    @Mixin
    private final AdmissionOptions admission = new AdmissionOptions();

    @Mixin
    private final RegistrationOptions registration = new RegistrationOptions();

    @Mixin
    private final WebOptions web = new WebOptions();

    @Mixin
    private final LimitOptions limits = new LimitOptions();

    @Mixin
    private final UdpRelayOptions udpRelay = new UdpRelayOptions();

    @Option(
            names = "--watch",
            paramLabel = "TIME",
            defaultValue = "5s",
            description = "How often files are looked at for changes, which are followed as at SIGHUP. 0s: never.")
    private Duration watch = Duration.ofSeconds(5);

    @Mixin
    private final ServiceOptions service = new ServiceOptions();

    @Mixin
    private final MeshOptions mesh = new MeshOptions();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    /** Runs the program; ends the JVM. */
    public static void main(String[] arguments) {
        Program.main(new RelayMain(), arguments);
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        RelayConfig config = config();
        RelayServer server = RelayServer.start(config);
        PrintWriter out = spec.commandLine().getOut();
        Follower follower = new Follower(service, server, config, out);
        // Before anybody is told that the relay runs: what changes from then on is seen.
        ReloadLoop loop = ReloadLoop.start(watch, follower::files, follower::reload);
        announce(server, out);
        Program.serveUntilStopped(() -> {
            loop.close();
            server.drain(Duration.ofMillis(config.tuning().timing().drainMillis()));
            server.close();
        });
        return 0;
    }

    /** The options as a whole; throws {@link UserError} with all that does not fit together. */
    RelayConfig config() {
        Problems problems = new Problems();
        if (drainSeconds < 0 || drainSeconds > MAX_DRAIN_SECONDS) {
            problems.add(service.named("--drain-seconds") + " is no time to wait: give 0 to " + MAX_DRAIN_SECONDS);
        }
        if (gatherMicros < 0 || gatherMicros > MOST_GATHER_MICROS) {
            problems.add(service.named("--gather-micros") + " must be from 0 to " + MOST_GATHER_MICROS);
        }
        InetSocketAddress address = problems.attempt(listen::listenAddress, InetSocketAddress.createUnresolved("", 0));
        InetSocketAddress opsAddress = problems.attempt(() -> OpsServer.listenAddress(opsListen), address);
        RelayConfig.@Nullable Tls tls = problems.<RelayConfig.@Nullable Tls>attempt(this::tls, null);
        RelayConfig.@Nullable Registration registered =
                problems.<RelayConfig.@Nullable Registration>attempt(() -> registration.registration(hasName()), null);
        JoinToken token = registered == null ? null : registered.token();
        RelayConfig config = new RelayConfig(
                address,
                nodeKey,
                tls,
                problems.attempt(this::place, new RelayConfig.Place("", 1)),
                problems.attempt(() -> admission.admission(token), AdmissionConfig.OPEN),
                opsAddress,
                new RelayConfig.Tuning(
                        transport,
                        tlsEngine,
                        RelayConfig.Tuning.standard().threads(),
                        gatherMicros,
                        RelayConfig.Tuning.standard().timing().withDrainMillis(drainSeconds * MILLIS_PER_SECOND)),
                problems.attempt(limits::limits, Limits.NONE),
                problems.attempt(() -> web.web(plaintext), RelayConfig.Web.STANDARD),
                problems.<RelayConfig.@Nullable Mesh>attempt(mesh::mesh, null),
                problems.<@Nullable UdpRelayConfig>attempt(udpRelay::config, null),
                registered);
        problems.throwIfAny();
        return config;
    }

    /** What an operator needs to know of a relay that has started. */
    static void announce(RelayServer server, PrintWriter out) {
        DerpNode node = server.mapEntry().nodes().getFirst();
        out.println("DERP on tcp port " + server.port() + (node.trust().plaintext() ? ", no TLS" : ", TLS"));
        announceEntry(server.mapEntry(), out);
        server.plainPort()
                .ifPresent(port -> out.println("plain HTTP on tcp port " + port
                        + (port == HTTP_PORT ? ": the DERPNode may say \"CanPort80\":true" : "")));
        server.udpRelayPort().ifPresent(port -> out.println("UDP relay on udp port " + port));
        server.opsAddress()
                .ifPresent(address -> out.println("metrics on http://" + Sentences.hostPort(address) + "/metrics"));
        out.flush();
    }

    /** What others put into their relay map, or onto their command line. */
    static void announceEntry(DerpRegion region, PrintWriter out) {
        DerpNode node = region.nodes().getFirst();
        out.println("for others:   --relay " + RelaySpec.format(region, node));
        out.println("as DERPNode:  " + DerpMapCodec.encode(node));
        out.flush();
    }

    private RelayConfig.@Nullable Tls tls() {
        if (plaintext) {
            if (acme.isGiven()) {
                throw new UserError("--plaintext and --acme exclude each other: leave one out");
            }
            if (tlsCert != null || tlsKey != null) {
                throw new UserError("--plaintext and --tls-cert or --tls-key exclude each other: leave one out");
            }
            return null;
        }
        AcmeConfig authority = acme.acme(hostname, nodeKey, web.answersHttp());
        if (authority != null) {
            if (tlsCert != null || tlsKey != null) {
                throw new UserError("--acme and --tls-cert or --tls-key exclude each other: leave one out");
            }
            return RelayConfig.Tls.from(authority);
        }
        if (tlsCert != null && tlsKey != null) {
            return new RelayConfig.Tls(tlsCert, tlsKey, false);
        }
        if (tlsCert != null || tlsKey != null) {
            throw new UserError("--tls-cert and --tls-key belong together: give both, or none for a self-signed one");
        }
        String name = String.valueOf(nodeKey.getFileName());
        return new RelayConfig.Tls(
                nodeKey.resolveSibling(name + ".tls-cert.pem"), nodeKey.resolveSibling(name + ".tls-key.pem"), true);
    }

    private RelayConfig.Place place() {
        if (region < 1 || region > LeaseRequest.MAX_REGION) {
            throw new UserError(service.named("--region") + " is no region: give a number from 1 to "
                    + LeaseRequest.MAX_REGION + ", 900 to 999 for your own");
        }
        return registration.place(reachableName(), region);
    }

    private boolean hasName() {
        return hostname != null || !listen.host().isEmpty();
    }

    private String reachableName() {
        if (hostname != null) {
            return hostname;
        }
        if (!listen.host().isEmpty()) {
            return listen.host();
        }
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException nameless) {
            return "localhost";
        }
    }
}
