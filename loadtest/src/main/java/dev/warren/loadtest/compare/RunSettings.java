package dev.warren.loadtest.compare;

import dev.warren.platform.config.UserError;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/** Puts together what a workload is told for one run. */
final class RunSettings {
    private RunSettings() {}

    /**
     * The settings of {@code subject} in {@code cell}: the common ones, then the cell's, then its own, then how long;
     * a warm-up of the cell's own goes before the spec's.
     *
     * @param server the running server; null when the workload starts the program itself
     */
    static SequencedMap<String, String> of(
            ComparisonSpec spec,
            Subject subject,
            Cell cell,
            Placeholders placeholders,
            Servers.@Nullable Running server) {
        SequencedMap<String, String> all = new LinkedHashMap<>(spec.settings());
        all.putAll(cell.settings());
        all.putAll(subject.settings());
        all.put("duration", spec.plan().duration());
        all.putIfAbsent("warmup", spec.plan().warmup());
        SequencedMap<String, String> filled = placeholders.fill(all);
        if (server != null) {
            filled.put("target", server.target());
            filled.put("pid", Long.toString(server.process().pid()));
        }
        return filled;
    }

    /**
     * Refuses a spec that could not run, before anything is started: unknown placeholders, settings that the workload
     * does not know, programs that are missing.
     */
    static void check(ComparisonSpec spec, Surroundings surroundings, Workloads workloads) {
        Placeholders sample = Servers.placeholders(
                spec, surroundings, new FreePorts(new SecureRandom()), Path.of(System.getProperty("java.io.tmpdir")));
        for (Subject subject : List.of(spec.a(), spec.b())) {
            String target =
                    subject.server() == null ? "" : checkServer(subject.name(), subject.server(), sample, surroundings);
            for (Cell given : spec.cells()) {
                Cell cell = RelativeRate.of(given).isPresent() ? RelativeRate.at(given, 1) : given;
                SequencedMap<String, String> settings = of(spec, subject, cell, sample, null);
                settings.values().stream()
                        .filter(surroundings::isPeer)
                        .forEach(program -> surroundings.require(program, subject.name()));
                if (!target.isEmpty()) {
                    settings.put("target", target);
                    settings.put("pid", Long.toString(ProcessHandle.current().pid()));
                }
                try {
                    workloads.build(spec.source().load(), settings);
                } catch (UserError wrong) {
                    throw new UserError(spec.source().file() + ": " + wrong.getMessage(), wrong);
                }
            }
        }
    }

    private static String checkServer(
            String name, Subject.ServerPlan plan, Placeholders sample, Surroundings surroundings) {
        sample.fill(plan.prepare());
        sample.fill(plan.environment());
        sample.fill(plan.ready().port());
        surroundings.require(sample.fill(plan.start()).getFirst(), name);
        return sample.fill(plan.target());
    }
}
