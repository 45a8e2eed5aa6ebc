package dev.warren.loadtest.compare;

import dev.warren.loadtest.compare.Subject.ServerPlan;
import dev.warren.loadtest.measure.Progress;
import dev.warren.loadtest.measure.Result;
import dev.warren.platform.config.Sentences;
import dev.warren.platform.config.UserError;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/** Runs one subject of a spec once: its server up, the load on it, and what there is to say against the run. */
final class SubjectRunner implements Duel.Runner {
    /** The setting that says under which load a run was; the reports group by it. */
    static final String CELL = "load";

    private final ComparisonSpec spec;
    private final Servers servers;
    private final Workloads workloads;
    private final Progress progress;
    private boolean hasMeasured;

    SubjectRunner(ComparisonSpec spec, Servers servers, Workloads workloads, Progress progress) {
        this.spec = spec;
        this.servers = servers;
        this.workloads = workloads;
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

    private Result measure(Subject subject, Cell cell) throws IOException, InterruptedException {
        ServerPlan plan = subject.server();
        if (plan == null) {
            return named(load(subject, cell, servers.placeholders(), null), subject, cell);
        }
        Servers.Running server = servers.up(subject.name(), plan);
        Result result;
        try {
            result = named(load(subject, cell, server.placeholders(), server), subject, cell);
        } catch (IOException | UserError failed) {
            if (server.process().staysAlive()) {
                throw failed;
            }
            result = nothing(subject, cell, "the run failed: " + Sentences.describe(failed));
        }
        return server.process().staysAlive() ? result : died(result, server);
    }

    private Result load(Subject subject, Cell cell, Placeholders placeholders, Servers.@Nullable Running server)
            throws IOException, InterruptedException {
        return workloads
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

    private static Result died(Result result, Servers.Running server) {
        List<String> unclean = new ArrayList<>(result.unclean());
        unclean.add("the server " + server.process().end());
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
