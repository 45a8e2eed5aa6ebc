package dev.warren.loadtest.tunnel;

import dev.warren.loadtest.measure.Machine;
import dev.warren.loadtest.measure.Progress;
import dev.warren.loadtest.measure.Report;
import dev.warren.loadtest.measure.Result;
import dev.warren.loadtest.report.OutputOptions;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code warren loadtest tunnel}. */
@Command(
        name = "tunnel",
        description = "Measures WireGuard in user space between two network namespaces of its own.",
        footer = {
            "",
            "An implementation is warren, wireguard-go (Debian's), wireguard-go-newest, the path of a program, or",
            "NAME=COMMAND; the command gets \"-f INTERFACE\" behind it unless it holds {iface}.",
            "Needs root, or user namespaces in which /dev/net/tun can be opened. Whatever ends it, nothing is left."
        })
public final class TunnelCommand implements Callable<Integer> {
    private enum Offloads {
        ON,
        OFF,
        BOTH
    }

    @Option(
            names = "--impl",
            paramLabel = "IMPL",
            required = true,
            description = "An implementation to measure, the same at both ends; several times for several.")
    private List<String> implementations = new ArrayList<>();

    @Option(names = "--against", paramLabel = "IMPL", description = "Another implementation at the far end.")
    private @Nullable String against;

    @Option(
            names = "--offloads",
            paramLabel = "on|off|both",
            defaultValue = "both",
            description = "Whether the cable between the ends hands over packets that are not cut up yet.")
    private Offloads offloads = Offloads.BOTH;

    @Option(
            names = "--seconds",
            paramLabel = "N",
            defaultValue = "5",
            description = "How long each run of iperf3 and the pings take.")
    private int seconds;

    @Option(
            names = "--warm-up",
            paramLabel = "N",
            defaultValue = "2",
            description = "Seconds of TCP each way before anything is measured under load.")
    private int warmUpSeconds;

    @Option(
            names = "--rounds",
            paramLabel = "N",
            defaultValue = "2",
            description =
                    "Whole passes; the median counts. Those on a busy machine are made again, as many times at most.")
    private int rounds;

    @Option(
            names = "--only",
            paramLabel = "PARTS",
            description = "Some of tcp,udp,ping,memory,handshake,flood; without it all but the flood.")
    private @Nullable String only;

    @Option(
            names = "--keep-cores",
            paramLabel = "LEFT:RIGHT",
            description = "Holds the programs of each end to cores, such as 0:1.")
    private @Nullable String cores;

    @Option(
            names = "--sessions",
            paramLabel = "N",
            defaultValue = "1000",
            description = "How many peers shake hands one after the other.")
    private int sessions;

    @Option(
            names = "--peers",
            paramLabel = "N",
            defaultValue = "10000",
            description = "How many peers are configured where only their memory counts.")
    private int peers;

    @Option(
            names = "--flood",
            paramLabel = "BLOCK",
            defaultValue = TunnelSettings.Flood.USUAL_FROM,
            description = "The false addresses of the flood, such as 11.0.0.0/8, or fd11::/64 for one network of IPv6.")
    private String floodFrom = TunnelSettings.Flood.USUAL_FROM;

    @Option(
            names = "--flood-rate",
            paramLabel = "N",
            defaultValue = "0",
            description =
                    "How many handshakes of the flood come a second; 0 is as many as one thread can send, which takes"
                            + " a core. A line of 100 Mbit/s carries 58,400.")
    private int floodRate;

    @Mixin
    private final OutputOptions output = new OutputOptions();

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before call()
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException, InterruptedException {
        output.check();
        List<TunnelSettings> all = settings(System.getenv());
        TunnelLoad.requirePrograms(System.getenv());
        PrintWriter out = spec.commandLine().getOut();
        Progress progress = Progress.to(out);
        Instant start = Instant.now();
        List<Result> results = new ArrayList<>();
        for (TunnelSettings one : all) {
            String subject = one.ends().subject() + ", offloads " + (one.ends().offloads() ? "on" : "off") + ", ";
            Result result = new TunnelLoad(one).run(step -> progress.step(subject + step));
            progress.done();
            results.add(result);
        }
        output.finish(
                new Report("Tunnel", OutputOptions.commandLine(spec), start, Machine.here(), results, List.of()), out);
        return 0;
    }

    private List<TunnelSettings> settings(Map<String, String> environment) {
        Set<Part> parts = only == null ? Part.usual() : Part.parse(only);
        TunnelSettings.Crowd crowd = new TunnelSettings.Crowd(sessions, peers);
        TunnelSettings.Passes passes = new TunnelSettings.Passes(rounds, rounds);
        Cores held = cores == null ? Cores.ANY : Cores.parse(cores);
        TunnelSettings.Flood flood = TunnelSettings.Flood.parse(floodFrom, floodRate);
        List<TunnelSettings> all = new ArrayList<>();
        for (boolean on : cables()) {
            for (String text : implementations) {
                Implementation near = Implementation.parse(text, environment);
                Implementation far = against == null ? near : Implementation.parse(against, environment);
                TunnelSettings.Ends ends = new TunnelSettings.Ends(near, far, on, held);
                all.add(new TunnelSettings(ends, seconds, warmUpSeconds, parts, passes, crowd, flood));
            }
        }
        return all;
    }

    private List<Boolean> cables() {
        return switch (offloads) {
            case ON -> List.of(true);
            case OFF -> List.of(false);
            case BOTH -> List.of(true, false);
        };
    }
}
