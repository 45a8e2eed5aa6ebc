package dev.warren.coordinator;

import dev.warren.coordinator.api.OperatorSocket;
import dev.warren.coordinator.registry.AddressPool;
import dev.warren.coordinator.topology.Leases;
import dev.warren.platform.config.HostPort;
import dev.warren.platform.config.Program;
import dev.warren.platform.config.ReloadLoop;
import dev.warren.platform.config.Sentences;
import dev.warren.platform.config.ServiceOptions;
import dev.warren.platform.config.TextFile;
import dev.warren.platform.config.UserError;
import dev.warren.protocol.derp.DerpMap;
import dev.warren.protocol.derp.DerpMapCodec;
import dev.warren.protocol.derp.DerpMapFormatException;
import dev.warren.protocol.derp.RelaySpec;
import dev.warren.protocol.wireguard.IpPrefix;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code warren coordinator}. */
@Command(
        name = "warren coordinator",
        description = "Runs the mesh's coordinator: who is in it, under which address, and where the relays are.",
        subcommands = {CoordinatorMain.Token.class, RelayCommand.class})
public final class CoordinatorMain implements Callable<Integer> {
    @Option(
            names = "--listen",
            paramLabel = "HOST:PORT",
            defaultValue = CoordinatorConfig.DEFAULT_LISTEN,
            description = "Where nodes and relays connect, over TLS.")
    private HostPort listen = HostPort.parse(CoordinatorConfig.DEFAULT_LISTEN);

    @Option(
            names = "--ops-listen",
            paramLabel = "HOST:PORT",
            defaultValue = CoordinatorConfig.DEFAULT_OPS_LISTEN,
            description = "Where the status page, /status.json, /derpmap.json, /metrics and /healthz are, without TLS.")
    private HostPort opsListen = HostPort.parse(CoordinatorConfig.DEFAULT_OPS_LISTEN);

    @Option(
            names = "--public",
            paramLabel = "HOST:PORT",
            description = "Where nodes find this coordinator; goes into join tokens. Default: the listen address.")
    private @Nullable HostPort publicAddress;

    @Option(
            names = "--data-dir",
            paramLabel = "DIR",
            description = "Holds the store, the certificate and the socket for \"token create\" and \"relay list\".")
    private @Nullable Path dataDir;

    @Option(
            names = "--relay",
            paramLabel = "ID[:CODE]=HOST:PORT[,...]",
            description = "A relay, as \"warren relay\" prints it at its start:"
                    + " ID[:CODE]=HOST:PORT[,stun=[HOST:]PORT][,pin=sha256-raw:HEX][,plaintext]. Repeatable.")
    private List<String> relays = List.of();

    @Option(
            names = "--relay-map",
            paramLabel = "FILE",
            description = "All relays, as a file in DERPMap JSON; followed while the coordinator runs.")
    private @Nullable Path relayMap;

    @Option(
            names = "--pool",
            paramLabel = "CIDR",
            defaultValue = "100.64.0.0/10",
            description = "Where nodes' IPv4 addresses are taken from.")
    private String pool = AddressPool.DEFAULT.toString();

    @Option(
            names = "--relay-lease",
            paramLabel = "TIME",
            defaultValue = "30s",
            description = "How long a relay that registered itself stays in the map after it was last heard of.")
    private Duration relayLease = Duration.ofMillis(Leases.Terms.STANDARD.leaseMillis());

    @Option(
            names = "--watch",
            paramLabel = "TIME",
            defaultValue = "5s",
            description = "How often --relay-map and --config are looked at for other relays, which are followed as at"
                    + " SIGHUP. 0s: never.")
    private Duration watch = Duration.ofSeconds(5);

    @Mixin
    private final ServiceOptions service = new ServiceOptions();

    @Spec
    private @Nullable CommandSpec spec;

    /** Starts the program. */
    public static void main(String... arguments) {
        Program.main(new CoordinatorMain(), arguments);
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        CoordinatorConfig config = config();
        CoordinatorServer server = CoordinatorServer.start(config);
        Follower follower = new Follower(service, server, config, relayMap);
        // Before anybody is told that the coordinator runs: what changes from then on is seen.
        ReloadLoop loop = ReloadLoop.start(watch, follower::files, follower::reload);
        printStart(server, out(spec));
        Program.serveUntilStopped(() -> {
            loop.close();
            server.close();
        });
        return 0;
    }

    /** The file with all relays; null when there is none. */
    @Nullable
    Path relayMap() {
        return relayMap;
    }

    /** The options as a whole; throws {@link UserError} for what is wrong with them, or with the relays' file. */
    CoordinatorConfig config() throws IOException {
        Path folder = required(spec, dataDir);
        if (publicAddress != null && (publicAddress.host().isEmpty() || publicAddress.port() == 0)) {
            throw new UserError(
                    service.named("--public") + " is nowhere that nodes could connect to: give a host and a port");
        }
        return new CoordinatorConfig(listen, opsListen, publicAddress, folder, relays(), pool(), leases());
    }

    private Leases.Terms leases() {
        long millis = relayLease.toMillis();
        if (millis < Leases.Terms.LEAST_MILLIS || millis > Leases.Terms.MOST_MILLIS) {
            throw new UserError(service.named("--relay-lease") + " is no time for a lease: give 1s to 1h");
        }
        return new Leases.Terms((int) millis);
    }

    private IpPrefix pool() {
        IpPrefix block;
        try {
            block = IpPrefix.parse(pool);
        } catch (IllegalArgumentException wrong) {
            throw new UserError(
                    service.named("--pool") + " is no block of IPv4 addresses: give one such as " + AddressPool.DEFAULT,
                    wrong);
        }
        try {
            return AddressPool.checked(block);
        } catch (IllegalArgumentException wrong) {
            throw new UserError(service.named("--pool") + ": " + wrong.getMessage(), wrong);
        }
    }

    private DerpMap relays() throws IOException {
        if (relayMap != null && !relays.isEmpty()) {
            throw new UserError("--relay and --relay-map cannot be used together: put the relays into one of them");
        }
        try {
            return relayMap == null
                    ? DerpMap.of(relays.stream().map(RelaySpec::parse).toList())
                    : DerpMapCodec.decode(TextFile.read(relayMap, "a relay map in JSON"));
        } catch (FileSystemException unreadable) {
            // The system names the file alone, and not who asked for it.
            throw new UserError("--relay-map: " + Sentences.describe(unreadable), unreadable);
        } catch (DerpMapFormatException wrong) {
            throw new UserError(
                    (relayMap == null ? "" : "the file " + relayMap + " cannot be used: ") + wrong.getMessage(), wrong);
        }
    }

    private void printStart(CoordinatorServer server, PrintWriter out) {
        HostPort api = new HostPort(listen.host(), server.port());
        HostPort ops = new HostPort(opsListen.host(), server.opsPort());
        out.println("coordinator   listening on " + api + ", join tokens name " + server.url());
        out.println("certificate   " + server.pin());
        out.println("status page   http://" + ops + "/");
        out.println("relays        --verify-url " + server.verifyUrl() + " --verify-pin " + server.pin());
        if (relays.isEmpty() && relayMap == null) {
            out.println("              none given: until one registers, nodes behind NATs will not meet; see --relay");
        }
        out.println("relay token   warren coordinator token create --data-dir " + dataDir + " --relay --expires 1h");
        out.println("join token    warren coordinator token create --data-dir " + dataDir + " --expires 1h");
        out.flush();
    }

    static Path required(@Nullable CommandSpec spec, @Nullable Path dataDir) {
        if (dataDir != null) {
            return dataDir;
        }
        String sentence =
                "--data-dir DIR is missing: name the folder that holds (or shall hold) the coordinator's state";
        throw spec == null ? new UserError(sentence) : new ParameterException(spec.commandLine(), sentence);
    }

    static PrintWriter out(@Nullable CommandSpec spec) {
        return spec == null
                ? new PrintWriter(PrintWriter.nullWriter())
                : spec.commandLine().getOut();
    }

    /** {@code warren coordinator token}. */
    @Command(name = "token", description = "Makes join tokens.", subcommands = TokenCreate.class)
    static final class Token implements Callable<Integer> {
        @Spec
        private @Nullable CommandSpec spec;

        @Override
        public Integer call() {
            if (spec != null) {
                throw new ParameterException(spec.commandLine(), "say what to do with tokens: token create");
            }
            return Program.USAGE;
        }
    }

    /** {@code warren coordinator token create}. */
    @Command(
            name = "create",
            description = "Prints a join token of the coordinator that runs with this data folder, on one line.")
    static final class TokenCreate implements Callable<Integer> {
        @Option(names = "--data-dir", paramLabel = "DIR", description = "The running coordinator's data folder.")
        private @Nullable Path dataDir;

        @Option(names = "--reusable", description = "For any number of nodes, not just one.")
        private boolean reusable;

        @Option(
                names = "--expires",
                paramLabel = "TIME",
                description = "How long it can be used: a number with s, m, h or d, such as 1h. Default: for ever.")
        private @Nullable Duration expires;

        @Option(names = "--tag", paramLabel = "TAG", description = "A tag for the nodes that join with it. Repeatable.")
        private List<String> tags = List.of();

        @Option(
                names = "--relay",
                description = "For relays, which register themselves with it (warren relay --coordinator-token-file).")
        private boolean relay;

        @Spec
        private @Nullable CommandSpec spec;

        @Override
        public Integer call() throws IOException {
            Path folder = required(spec, dataDir);
            if (relay && !tags.isEmpty()) {
                throw new UserError("--relay and --tag exclude each other: tags are for nodes");
            }
            if (expires != null && expires.isZero()) {
                throw new UserError("--expires 0s would be over at once: give a time above zero");
            }
            Long lifetimeMillis = expires == null ? null : expires.toMillis();
            String token =
                    OperatorSocket.token(folder, new OperatorSocket.TokenWish(reusable, lifetimeMillis, tags, relay));
            PrintWriter out = out(spec);
            out.println(token);
            out.flush();
            return 0;
        }
    }
}
