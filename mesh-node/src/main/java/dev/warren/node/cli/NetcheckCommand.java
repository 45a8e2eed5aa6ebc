package dev.warren.node.cli;

import dev.warren.node.control.ControlClient;
import dev.warren.node.control.ControlReply;
import dev.warren.node.control.ControlRequest;
import dev.warren.node.netcheck.NetcheckReport;
import dev.warren.node.netcheck.NetcheckTargets;
import dev.warren.node.probe.NetcheckRun;
import dev.warren.node.probe.TargetLookup;
import dev.warren.platform.config.HostPort;
import dev.warren.platform.config.TextFile;
import dev.warren.platform.config.UserError;
import dev.warren.platform.linux.Clock;
import dev.warren.protocol.derp.DerpMap;
import dev.warren.protocol.derp.DerpMapCodec;
import dev.warren.protocol.derp.DerpMapFormatException;
import dev.warren.protocol.derp.DerpRegion;
import dev.warren.protocol.derp.RelaySpec;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** {@code warren netcheck}: exit code 0 when any relay or STUN server was reached. */
@Command(
        name = "netcheck",
        description = {
            "Shows what this machine's network lets through: UDP over IPv4 and IPv6, the NAT in front of it, the latency"
                    + " of each relay region and which one an agent would choose, captive portals, port-mapping"
                    + " services.",
            "Asks the relays that are named; with none, those of the agent that runs here. Exit code 0 when any"
                    + " answered, else 1."
        })
final class NetcheckCommand implements Callable<Integer> {
    private static final int REACHED_NOTHING = 1;
    private static final Duration LONGEST_LOOKUP = Duration.ofMillis(1_500);
    private static final int LOOKUP_SHARE = 3;
    private static final String INSTEAD = ", or name servers with --relay, --relays or --stun";

    @Option(
            names = "--relay",
            paramLabel = "ID[:CODE]=HOST:PORT[,...]",
            converter = RelayForm.class,
            description = "A relay, as \"warren relay\" prints it at its start:"
                    + " ID[:CODE]=HOST:PORT[,stun=[HOST:]PORT][,pin=sha256-raw:HEX][,plaintext]. Repeatable.")
    private List<DerpRegion> relays = List.of();

    @Option(names = "--relays", paramLabel = "FILE", description = "All relays, as a file in DERPMap JSON.")
    private @Nullable Path file;

    @Option(
            names = "--stun",
            paramLabel = "HOST:PORT",
            converter = ServerForm.class,
            description = "A STUN server beside the relays' own. Repeatable.")
    private List<HostPort> stun = List.of();

    @Option(names = "--json", description = "Prints JSON instead of text.")
    private boolean json;

    @Option(
            names = "--timeout",
            paramLabel = "TIME",
            defaultValue = "5s",
            converter = LimitForm.class,
            description = "The report is there after this time, whatever has not answered by then.")
    private Duration timeout = Duration.ofSeconds(5);

    @Mixin
    private final StateFolder state = new StateFolder();

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before call()
    private CommandSpec spec;

    /** The relays to ask, and the region that an agent has as home; 0 for none. */
    private record Relays(int home, DerpMap map) {}

    @Override
    public Integer call() throws IOException, InterruptedException {
        Relays known = relays();
        if (known.map().regions().isEmpty() && stun.isEmpty()) {
            throw new UserError("the relay map names no relay and no STUN server to ask" + INSTEAD);
        }
        long startNanos = Clock.bootTimeNanos();
        Duration share = timeout.dividedBy(LOOKUP_SHARE);
        Duration lookup = share.compareTo(LONGEST_LOOKUP) < 0 ? share : LONGEST_LOOKUP;
        NetcheckTargets targets = TargetLookup.find(known.map(), stun, known.home(), lookup);
        NetcheckReport report = NetcheckRun.check(targets, timeout.minusNanos(Clock.bootTimeNanos() - startNanos));
        PrintWriter out = spec.commandLine().getOut();
        out.print(json ? NetcheckText.json(report) : NetcheckText.render(report));
        out.flush();
        return report.reachedAnything() ? 0 : REACHED_NOTHING;
    }

    private Relays relays() throws IOException {
        if (file != null && !relays.isEmpty()) {
            throw new UserError("--relay and --relays cannot be used together: put the relays into one of them");
        }
        if (file != null) {
            return new Relays(0, read(file));
        }
        if (!relays.isEmpty() || !stun.isEmpty()) {
            return new Relays(0, DerpMap.of(relays));
        }
        return ofAgent();
    }

    private static DerpMap read(Path file) throws IOException {
        try {
            return DerpMapCodec.decode(TextFile.read(file, "a relay map in JSON"));
        } catch (DerpMapFormatException wrong) {
            throw new UserError("the file " + file + " cannot be used: " + wrong.getMessage(), wrong);
        } catch (FileSystemException missing) {
            throw missing; // its sentence names the file
        } catch (IOException unreadable) {
            throw new UserError("the file " + file + " cannot be read: " + unreadable.getMessage(), unreadable);
        }
    }

    private Relays ofAgent() throws IOException {
        try (ControlClient client = connect()) {
            client.send(new ControlRequest.Relays());
            ControlReply reply = client.next();
            if (reply instanceof ControlReply.Relays known) {
                return new Relays(known.home(), known.relays());
            }
            throw new UserError(Replies.refusal(reply));
        }
    }

    private ControlClient connect() throws IOException {
        try {
            return ControlClient.connect(state.path());
        } catch (UserError notThere) {
            throw new UserError(notThere.getMessage() + INSTEAD, notThere);
        }
    }

    /** {@link RelaySpec}. */
    static final class RelayForm implements ITypeConverter<DerpRegion> {
        @Override
        public DerpRegion convert(String text) {
            try {
                return RelaySpec.parse(text);
            } catch (DerpMapFormatException wrong) {
                throw new TypeConversionException(wrong.getMessage());
            }
        }
    }

    /** {@link HostPort} of one host. */
    static final class ServerForm implements ITypeConverter<HostPort> {
        @Override
        public HostPort convert(String text) {
            try {
                HostPort server = HostPort.parse(text);
                if (!server.host().isEmpty() && server.port() != 0) {
                    return server;
                }
            } catch (IllegalArgumentException wrong) {
                throw new TypeConversionException(wrong.getMessage());
            }
            throw new TypeConversionException(
                    "\"" + text + "\" names no server; write HOST:PORT or [IPV6]:PORT, such as stun.example:3478");
        }
    }

    /** A time that is long enough for a packet to come back. */
    static final class LimitForm implements ITypeConverter<Duration> {
        private static final Duration LEAST = Duration.ofMillis(100);
        private static final Duration MOST = Duration.ofMinutes(1);

        @Override
        public Duration convert(String text) {
            Duration limit;
            try {
                limit = dev.warren.platform.config.Durations.parse(text);
            } catch (IllegalArgumentException wrong) {
                throw new TypeConversionException(wrong.getMessage());
            }
            if (limit.compareTo(LEAST) < 0 || limit.compareTo(MOST) > 0) {
                throw new TypeConversionException("\"" + text + "\" is not between 100ms and 1m");
            }
            return limit;
        }
    }
}
