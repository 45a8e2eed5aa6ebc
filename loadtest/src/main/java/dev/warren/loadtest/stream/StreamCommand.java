package dev.warren.loadtest.stream;

import dev.warren.loadtest.measure.Machine;
import dev.warren.loadtest.measure.Progress;
import dev.warren.loadtest.measure.Report;
import dev.warren.loadtest.measure.Result;
import dev.warren.loadtest.report.OutputOptions;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code warren loadtest stream}. */
@Command(
        name = "stream",
        description = "One TCP stream through a relay between two ends that have no other way, and a ping beside it.",
        footer = {
            "",
            "The relay must run in a network namespace of its own and listen on all addresses there, such as with",
            "  unshare --net sh -c 'ip link set lo up && exec ./warren relay --plaintext --listen 0.0.0.0:3340'",
            "(\"warren loadtest compare derper-stream\" does that by itself). Needs root. Whatever ends it, no namespace is left."
        })
public final class StreamCommand implements Callable<Integer> {
    @Option(
            names = "--target",
            paramLabel = "URL",
            required = true,
            description = "The relay: http://localhost:PORT, or https://localhost:PORT for TLS.")
    private String target = "";

    @Option(names = "--pid", paramLabel = "PID", required = true, description = "The relay's process.")
    private String pid = "";

    @Option(
            names = "--impl",
            paramLabel = "IMPL",
            description =
                    "Who is at both ends: warren, or wireguard-go-newest behind an adapter; several times for both.")
    private List<String> implementations = new ArrayList<>();

    @Option(
            names = "--udp-relay",
            paramLabel = "FILE",
            description = "The relay's --node-key: its UDP port (--udp-relay-listen, with --udp-relay-address "
                    + RelayNetwork.ADDRESS + ") carries the stream instead of DERP.")
    private @Nullable Path udpRelay;

    @Option(
            names = "--duration",
            paramLabel = "TIME",
            defaultValue = "5s",
            description = "How long the stream counts, in whole seconds.")
    private String duration = "";

    @Option(
            names = "--warmup",
            paramLabel = "TIME",
            defaultValue = "3s",
            description = "How long a stream before it takes, which does not count.")
    private String warmup = "";

    @Mixin
    private final OutputOptions output = new OutputOptions();

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before call()
    private CommandSpec spec;

    /** A command for picocli to fill. */
    public StreamCommand() {}

    @Override
    public Integer call() throws IOException, InterruptedException {
        output.check();
        List<String> ends = implementations.isEmpty() ? List.of(StreamSettings.Ends.WARREN.word()) : implementations;
        List<StreamLoad> loads =
                ends.stream().map(impl -> StreamLoad.of(settings(impl))).toList();
        PrintWriter out = spec.commandLine().getOut();
        Progress progress = Progress.to(out);
        Instant start = Instant.now();
        List<Result> results = new ArrayList<>();
        for (StreamLoad load : loads) {
            results.add(load.run(progress));
            progress.done();
        }
        output.finish(
                new Report(
                        "Stream through a relay",
                        OutputOptions.commandLine(spec),
                        start,
                        Machine.here(),
                        results,
                        List.of()),
                out);
        return 0;
    }

    private Map<String, String> settings(String impl) {
        Map<String, String> settings = new HashMap<>(
                Map.of("target", target, "pid", pid, "impl", impl, "duration", duration, "warmup", warmup));
        if (udpRelay != null) {
            settings.put("udp-relay", udpRelay.toString());
        }
        return settings;
    }
}
