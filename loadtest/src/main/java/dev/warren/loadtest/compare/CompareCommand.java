package dev.warren.loadtest.compare;

import dev.warren.loadtest.measure.Report;
import dev.warren.loadtest.report.OutputOptions;
import dev.warren.platform.config.UserError;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code warren loadtest compare}: two programs under the same load in turn. */
@Command(
        name = "compare",
        description = {
            "Runs two programs in turn under the same loads, as a spec says, and shows the ratio of their figures pair"
                    + " by pair with median and spread.",
            "A run that was not clean (a busy machine, a server that died, connections lost, a generator that was late)"
                    + " is repeated, and then there is no ratio but the reason."
        },
        footer = {
            "",
            "A is the spec's first subject; the order flips each round (A B, B A, ...), so that drift cancels."
        })
public final class CompareCommand implements Callable<Integer> {
    @Parameters(
            paramLabel = "SPEC",
            arity = "0..1",
            description = "A spec file, or the name of a ready one (see --list).")
    private @Nullable String name;

    @Option(names = "--list", description = "Lists the ready specs and ends.")
    private boolean list;

    @Option(names = "--rounds", paramLabel = "N", description = "Pairs of runs for each load, instead of the spec's.")
    private @Nullable Integer rounds;

    @Option(names = "--duration", paramLabel = "TIME", description = "Of each run, such as 5s, instead of the spec's.")
    private @Nullable String duration;

    @Option(
            names = "--retries",
            paramLabel = "N",
            description = "How often a run that was not clean is repeated, instead of the spec's.")
    private @Nullable Integer retries;

    @Option(
            names = "--only",
            paramLabel = "PATTERN",
            description = "Only the loads whose name has this in it, such as \"20 pairs\"; * stands for anything.")
    private @Nullable String only;

    @Mixin
    @SuppressWarnings("NullAway.Init") // picocli sets it before call()
    private OutputOptions output;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before call()
    private CommandSpec command;

    private final Surroundings surroundings;
    private final Instruments instruments;

    /** The command in the surroundings that the environment variables name. */
    public CompareCommand() {
        this(Surroundings.of(System.getenv()), Instruments.real());
    }

    CompareCommand(Surroundings surroundings, Instruments instruments) {
        this.surroundings = surroundings;
        this.instruments = instruments;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        PrintWriter out = command.commandLine().getOut();
        if (list) {
            out.println(surroundings.specs().list());
            out.flush();
            return 0;
        }
        if (name == null) {
            throw new UserError("say which spec to run, such as \"compare derper-plain\"; --list shows the ready ones");
        }
        output.check();
        ComparisonSpec spec = adjusted(surroundings.specs().find(name));
        Report report = new Comparing(spec, surroundings, instruments, out).run(OutputOptions.commandLine(command));
        output.finish(report, out);
        return 0;
    }

    private ComparisonSpec adjusted(ComparisonSpec spec) {
        Plan plan = spec.plan();
        if (rounds != null) {
            if (rounds < 1) {
                throw new UserError(
                        "--rounds " + rounds + " runs nothing; give 1 or more (ratios need " + Plan.LEAST_PAIRS + ")");
            }
            plan = plan.withRounds(rounds);
        }
        if (retries != null) {
            if (retries < 0) {
                throw new UserError("--retries " + retries + " cannot be; give 0 or more");
            }
            plan = plan.withRetries(retries);
        }
        if (duration != null) {
            if (!SpecReader.isDuration(duration)) {
                throw new UserError("--duration " + duration + " is no duration such as 5s or 500ms");
            }
            plan = plan.withDuration(duration);
        }
        List<Cell> cells = only == null ? spec.cells() : SpecReader.only(spec.cells(), only);
        return spec.with(cells, plan);
    }
}
