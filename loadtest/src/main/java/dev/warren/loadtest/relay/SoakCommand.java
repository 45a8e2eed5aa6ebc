package dev.warren.loadtest.relay;

import dev.warren.loadtest.measure.Machine;
import dev.warren.loadtest.measure.Progress;
import dev.warren.loadtest.measure.Report;
import dev.warren.loadtest.report.OutputOptions;
import dev.warren.platform.config.UserError;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Instant;
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

/** {@code warren loadtest soak}: half of what a relay can carry, for an hour. */
@Command(
        name = "soak",
        description = "Finds the most that a relay carries, sends it a part of that for long, and looks whether its"
                + " memory stays what it is. Exit code 1 when it does not, or when packets are lost.")
public final class SoakCommand implements Callable<Integer> {
    private static final int HUNDRED = 100;

    @Option(
            names = "--target",
            paramLabel = "URL",
            required = true,
            description = "The relay: http://HOST:PORT, or https://HOST:PORT for TLS.")
    private String target = "";

    @Option(names = "--pid", paramLabel = "PID", required = true, description = "The relay's process.")
    private long pid;

    @Option(names = "--duration", paramLabel = "TIME", defaultValue = "1h", description = "How long, such as 10m.")
    private String duration = "1h";

    @Option(
            names = "--search",
            paramLabel = "TIME",
            defaultValue = "10s",
            description = "How long the most is looked for.")
    private String search = "10s";

    @Option(names = "--share", paramLabel = "PERCENT", defaultValue = "50", description = "The part of the most.")
    private int share = 50;

    @Option(names = "--pairs", paramLabel = "M", defaultValue = "20", description = "Clients that send.")
    private int pairs = 20;

    @Option(names = "--size", paramLabel = "BYTES", defaultValue = "1000", description = "Bytes of a packet.")
    private int size = 1000;

    @Option(names = "--insecure", description = "Accepts any certificate.")
    private boolean insecure;

    @Option(names = "--pin", paramLabel = "PIN", description = "Accepts the certificate sha256-raw:HEX only.")
    private @Nullable String pin;

    @Mixin
    @SuppressWarnings("NullAway.Init") // picocli sets it before call()
    private OutputOptions output;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before call()
    private CommandSpec spec;

    SoakCommand() {}

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (share < 1 || share > HUNDRED) {
            throw new UserError("--share " + share + " is no part of the most: give 1 to 100");
        }
        output.check();
        PrintWriter out = spec.commandLine().getOut();
        Instant start = Instant.now();
        Soak.Outcome outcome = new Soak(load(), (double) share / HUNDRED, search).run(Progress.to(out));
        output.finish(
                new Report(
                        "Soak",
                        OutputOptions.commandLine(spec),
                        start,
                        Machine.here(),
                        List.of(outcome.result()),
                        List.of()),
                out);
        return outcome.passed() ? 0 : 1;
    }

    private Map<String, String> load() {
        Map<String, String> load = new HashMap<>(Map.of(
                RelayOption.TARGET.title(), target,
                RelayOption.PID.title(), String.valueOf(pid),
                RelayOption.DURATION.title(), duration,
                RelayOption.PAIRS.title(), String.valueOf(pairs),
                RelayOption.SIZE.title(), String.valueOf(size)));
        if (insecure) {
            load.put(RelayOption.INSECURE.title(), "true");
        }
        if (pin != null) {
            load.put(RelayOption.PIN.title(), pin);
        }
        return load;
    }
}
