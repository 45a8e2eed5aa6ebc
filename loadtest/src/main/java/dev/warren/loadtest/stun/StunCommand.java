package dev.warren.loadtest.stun;

import dev.warren.loadtest.measure.Machine;
import dev.warren.loadtest.measure.Progress;
import dev.warren.loadtest.measure.Report;
import dev.warren.loadtest.measure.Result;
import dev.warren.loadtest.report.OutputOptions;
import dev.warren.platform.config.Sentences;
import dev.warren.platform.config.UserError;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code warren loadtest stun}. */
@Command(
        name = "stun",
        description = "Loads a STUN server with binding requests, checks every answer, and says how fast it is.",
        footer = {
            "",
            "Without --rate it keeps --window requests in flight (closed loop). With --rate it sends by the clock,",
            "and latency counts from when a request should have been sent, so that a stall shows."
        })
public final class StunCommand implements Callable<Integer> {
    @Option(
            names = "--target",
            paramLabel = "HOST:PORT",
            description = "UDP address of the server, also as stun:HOST:PORT; may be repeated.")
    private List<String> targets = List.of();

    @Option(names = "--pid", paramLabel = "PID", description = "A server's process, for its CPU time; may be repeated.")
    private List<String> pids = List.of();

    @Option(
            names = "--form",
            paramLabel = "tailscale|plain",
            defaultValue = "tailscale",
            description = "The request: Tailscale's 40 bytes, or the bare header's 20.")
    private String form = "";

    @Option(names = "--window", paramLabel = "N", defaultValue = "64", description = "Requests in flight in all.")
    private String window = "";

    @Option(
            names = "--rate",
            paramLabel = "N",
            defaultValue = "0",
            description = "Requests each second in all, by the clock; 0: as many as --window lets through.")
    private String rate = "";

    @Option(names = "--sockets", paramLabel = "N", defaultValue = "16", description = "Source ports.")
    private String sockets = "";

    @Option(
            names = "--batch",
            paramLabel = "N",
            defaultValue = "64",
            description = "Datagrams in one system call at most.")
    private String batch = "";

    @Option(
            names = "--no-trains",
            description = "Hands datagrams to the kernel one by one, not as one that it cuts up (UDP_SEGMENT).")
    private boolean noTrains;

    @Option(
            names = "--no-spin",
            description = "Sleeps until an answer comes, which costs the server the time to wake somebody up.")
    private boolean noSpin;

    @Option(names = "--warmup", paramLabel = "TIME", defaultValue = "2s", description = "Not counted: 500ms, 2s, 1m.")
    private String warmup = "";

    @Option(names = "--duration", paramLabel = "TIME", defaultValue = "10s", description = "Counted.")
    private String duration = "";

    @Option(
            names = "--self-check",
            description = "Needs no target: drives a small responder of its own, and shows what the generator can do.")
    private boolean selfCheck;

    @Option(names = "--allow-remote", description = "Lets targets be other machines than this one; they must be yours.")
    private boolean allowRemote;

    @Mixin
    @SuppressWarnings("NullAway.Init") // picocli sets it before call()
    private OutputOptions output;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before call()
    private CommandSpec spec;

    /** A command for picocli to fill. */
    public StunCommand() {}

    @Override
    public Integer call() throws IOException, InterruptedException {
        output.check();
        PrintWriter out = spec.commandLine().getOut();
        Instant start = Instant.now();
        Result result = selfCheck ? runSelfCheck(out) : run(targets, out);
        output.finish(
                new Report("STUN", OutputOptions.commandLine(spec), start, Machine.here(), List.of(result), List.of()),
                out);
        return 0;
    }

    private Result run(List<String> servers, PrintWriter out) throws IOException {
        Map<String, String> values = values();
        values.put("target", String.join(" ", servers));
        return new StunLoad(StunSettings.parse(values)).run(Progress.to(out));
    }

    private Result runSelfCheck(PrintWriter out) throws IOException {
        if (!targets.isEmpty()) {
            throw new UserError("--self-check brings its own responder; leave --target out");
        }
        try (EchoResponder responder = EchoResponder.start()) {
            return run(List.of(Sentences.hostPort(responder.address())), out);
        }
    }

    private Map<String, String> values() {
        Map<String, String> values = new LinkedHashMap<>();
        values.put("pid", String.join(" ", pids));
        values.put("form", form);
        values.put("window", window);
        values.put("rate", rate);
        values.put("sockets", sockets);
        values.put("batch", batch);
        values.put("trains", String.valueOf(!noTrains));
        values.put("spin", String.valueOf(!noSpin));
        values.put("warmup", warmup);
        values.put("duration", duration);
        values.put("allow-remote", String.valueOf(allowRemote));
        return values;
    }
}
