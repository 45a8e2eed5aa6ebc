package dev.warren.loadtest.compare;

import dev.warren.loadtest.compare.Subject.ServerPlan;
import dev.warren.loadtest.measure.Progress;
import dev.warren.loadtest.measure.Result;
import dev.warren.platform.config.Sentences;
import dev.warren.platform.config.UserError;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Runs one subject of a spec once: its server up, the load on it, and what there is to say against the run. */
final class SubjectRunner implements Duel.Runner {
    /** The setting that says under which load a run was; the reports group by it. */
    static final String CELL = "load";

    /** In every complaint about a machine that does something else. */
    private static final String BUSY = "other processes";

    private static final Duration SETTLE_STEP = Duration.ofMillis(500);

    private final ComparisonSpec spec;
    private final Servers servers;
    private final Instruments instruments;
    private final Progress progress;
    private boolean hasMeasured;

    SubjectRunner(ComparisonSpec spec, Servers servers, Instruments instruments, Progress progress) {
        this.spec = spec;
        this.servers = servers;
        this.instruments = instruments;
        this.progress = progress;
    }

    /**
     * A failure of the first run of all is thrown, as nothing is lost then; a later one, and a server that ended, make
     * the run unclean.
     */
    @Override
    public Result run(Subject subject, Cell cell) throws InterruptedException {
        try {
            Result result = measure(subject, cell);
            hasMeasured = true;
            return result;
        } catch (IOException | UserError failed) {
            String sentence = Sentences.describe(failed);
            if (!hasMeasured) {
                throw new UserError(subject.name() + ": " + sentence, failed);
            }
            return nothing(subject, cell, "the run failed: " + sentence);
        } finally {
            if (spec.plan().fresh()) {
                servers.stop(subject.name());
            }
        }
    }

    /** Waits until other processes leave the machine alone, for half a minute at most. */
    @Override
    public void settle() throws InterruptedException {
        long deadline = System.nanoTime() + instruments.settleLimit().toNanos();
        List<String> complaints;
        do {
            Supplier<List<String>> watch = instruments.watcher().start(servers.pids());
            Thread.sleep(SETTLE_STEP);
            complaints = watch.get();
            complaints.forEach(complaint -> progress.step("waiting, as " + complaint));
        } while (!complaints.isEmpty() && System.nanoTime() - deadline < 0);
    }

    private Result measure(Subject subject, Cell cell) throws IOException, InterruptedException {
        ServerPlan plan = subject.server();
        if (plan == null) {
            return named(load(subject, cell, servers.placeholders(), null), subject, cell);
        }
        Servers.Running server = servers.up(subject.name(), plan);
        Supplier<List<String>> watch =
                instruments.watcher().start(server.process().pid());
        Result result;
        try {
            result = named(load(subject, cell, server.placeholders(), server), subject, cell);
        } catch (IOException | UserError failed) {
            if (server.process().staysAlive()) {
                throw failed;
            }
            result = nothing(subject, cell, "the run failed: " + Sentences.describe(failed));
        }
        result = complain(result, watch.get());
        return server.process().staysAlive()
                ? result
                : complain(result, List.of("the server " + server.process().end()));
    }

    private Result load(Subject subject, Cell cell, Placeholders placeholders, Servers.@Nullable Running server)
            throws IOException, InterruptedException {
        return instruments
                .workloads()
                .build(spec.source().load(), RunSettings.of(spec, subject, cell, placeholders, server))
                .run(line -> progress.step(cell.name() + ", " + subject.name() + ": " + line));
    }

    /** The result under the names that the spec gives the subject and the cell. */
    private static Result named(Result result, Subject subject, Cell cell) {
        SequencedMap<String, String> settings = new LinkedHashMap<>();
        settings.put(CELL, cell.name());
        settings.putAll(result.settings());
        return new Result(
                result.kind(),
                subject.name(),
                settings,
                result.figures(),
                result.curves(),
                result.timelines(),
                result.notes(),
                result.unclean());
    }

    /** The result with more complaints, of which those about other processes count once. */
    private static Result complain(Result result, List<String> more) {
        List<String> unclean = new ArrayList<>(result.unclean());
        boolean isBusy = unclean.stream().anyMatch(reason -> reason.contains(BUSY));
        more.stream().filter(reason -> !(isBusy && reason.contains(BUSY))).forEach(unclean::add);
        return new Result(
                result.kind(),
                result.subject(),
                result.settings(),
                result.figures(),
                result.curves(),
                result.timelines(),
                result.notes(),
                unclean);
    }

    private Result nothing(Subject subject, Cell cell, String reason) {
        return Result.builder(spec.source().load().word(), subject.name())
                .setting(CELL, cell.name())
                .unclean(reason)
                .build();
    }
}
