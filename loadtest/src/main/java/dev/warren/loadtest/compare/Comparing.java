package dev.warren.loadtest.compare;

import dev.warren.loadtest.measure.Better;
import dev.warren.loadtest.measure.Comparison;
import dev.warren.loadtest.measure.Figure;
import dev.warren.loadtest.measure.Machine;
import dev.warren.loadtest.measure.Progress;
import dev.warren.loadtest.measure.Report;
import dev.warren.loadtest.measure.Result;
import dev.warren.platform.config.UserError;
import java.io.IOException;
import java.io.PrintWriter;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** Runs a whole spec, cell by cell, with a line about each run, and reports. */
final class Comparing {
    private static final int FIGURES_IN_A_LINE = 3;

    private final ComparisonSpec spec;
    private final Surroundings surroundings;
    private final Instruments instruments;
    private final PrintWriter out;

    Comparing(ComparisonSpec spec, Surroundings surroundings, Instruments instruments, PrintWriter out) {
        this.spec = spec;
        this.surroundings = surroundings;
        this.instruments = instruments;
        this.out = out;
    }

    /** Everything that the spec asks for. {@code command} is what makes this report again. */
    Report run(String command) throws IOException, InterruptedException {
        spec.cores().check(spec.source().file(), Affinity.allowed());
        RunSettings.check(spec, surroundings, instruments.workloads());
        Instant start = Instant.now();
        Machine machine = Machine.here();
        introduce();
        List<Result> results = new ArrayList<>();
        List<Comparison> comparisons = new ArrayList<>();
        try (Affinity affinity = Affinity.hold(spec.cores().load());
                Servers servers = Servers.of(spec, surroundings, affinity, new SecureRandom());
                AtExit _ = AtExit.close(servers)) {
            Progress progress = Progress.to(out);
            SubjectRunner runner = new SubjectRunner(spec, servers, instruments, progress);
            Duel.Listener listener = (round, result) -> {
                say(progress, "  " + round + "  ", result);
                results.add(result);
            };
            for (Cell given : spec.cells()) {
                Cell cell = settled(given, runner, progress);
                if (comparisons.isEmpty()) {
                    practise(cell, runner, progress);
                }
                comparisons.add(compare(cell, new Duel(runner, listener, spec.a(), spec.b())));
            }
        }
        return new Report(spec.source().title(), command, start, machine, results, comparisons);
    }

    /**
     * The cell with a number for its rate. Where that is a share of what a subject can do at most, that subject shows it
     * first: with the spec's practice, as the generator needs it too, and then until a run is clean, as often as a run
     * may be repeated. The greatest counts.
     */
    private Cell settled(Cell cell, SubjectRunner runner, Progress progress) throws InterruptedException {
        Optional<RelativeRate> relative = RelativeRate.of(cell);
        if (relative.isEmpty()) {
            return cell;
        }
        Subject subject = relative.get().ofA() ? spec.a() : spec.b();
        Plan plan = spec.plan();
        double greatest = 0;
        boolean isClean = false;
        for (int run = 0; run <= plan.practice() || (!isClean && run <= plan.practice() + plan.retries()); run++) {
            Result result = runner.run(subject, RelativeRate.unlimited(cell));
            say(progress, "  at most: ", result);
            greatest = Math.max(greatest, RelativeRate.greatest(result));
            isClean = result.isClean();
        }
        if (greatest == 0) {
            throw new UserError(
                    spec.source().file() + ": what " + subject.name() + " can do at most is not known, so \""
                            + cell.name() + "\" has no rate: no run of it counted packets; give a number as its rate");
        }
        return RelativeRate.at(cell, relative.get().rate(greatest));
    }

    /** Runs the first load on each server without counting it. */
    private void practise(Cell first, SubjectRunner runner, Progress progress) throws InterruptedException {
        for (int run = 0; run < spec.plan().practice(); run++) {
            for (Subject subject : List.of(spec.a(), spec.b())) {
                say(progress, "  practice, not counted: ", runner.run(subject, first));
            }
        }
    }

    private void say(Progress progress, String what, Result result) {
        progress.done();
        out.println(what + line(result));
        out.flush();
    }

    private Comparison compare(Cell cell, Duel duel) throws InterruptedException {
        out.println(cell.name());
        out.flush();
        Plan plan = spec.plan();
        return Judge.compare(
                cell.name(), spec.a().name(), spec.b().name(), duel.run(cell, plan), plan.allowedLossPercent());
    }

    private void introduce() {
        Plan plan = spec.plan();
        int cells = spec.cells().size();
        out.println(spec.source().title());
        out.println("A is " + spec.a().name() + ", B is " + spec.b().name() + "; " + cells
                + (cells == 1 ? " load, " : " loads, ") + plan.rounds() + (plan.rounds() == 1 ? " pair" : " pairs")
                + " of runs each, " + plan.duration() + " a run after " + plan.warmup() + " of warm-up.");
        out.println(
                "A and B take turns and the order flips each round (A B, B A, ...), so that drift meets both alike.");
        out.println(place());
        out.println();
    }

    private String place() {
        CorePlan cores = spec.cores();
        String servers = cores.server() == null ? "servers on any core" : "servers on core " + cores.server();
        String load = cores.load() == null ? "load on any core" : "load on core " + cores.load();
        return servers + ", " + load + ", "
                + (spec.plan().fresh() ? "each server started anew for each run." : "each server started once.");
    }

    private static String line(Result result) {
        String figures = result.figures().stream()
                .filter(figure -> figure.better() != Better.NEITHER)
                .limit(FIGURES_IN_A_LINE)
                .map(Comparing::text)
                .collect(Collectors.joining(", "));
        String unclean = result.isClean() ? "" : "NOT CLEAN: " + String.join("; ", result.unclean());
        return result.subject() + ": " + figures + (figures.isEmpty() || unclean.isEmpty() ? "" : "; ") + unclean;
    }

    private static String text(Figure figure) {
        return figure.name() + " " + figure.text();
    }
}
