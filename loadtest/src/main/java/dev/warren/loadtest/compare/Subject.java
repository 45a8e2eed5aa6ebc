package dev.warren.loadtest.compare;

import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/**
 * One of the two programs that are compared, as the spec describes it: everything may hold placeholders.
 *
 * @param server how its server is started; null when the workload starts the program itself, as the tunnel's does
 * @param settings of the workload for this subject alone
 */
record Subject(String name, @Nullable ServerPlan server, SequencedMap<String, String> settings) {

    /**
     * How a server is started.
     *
     * @param prepare commands of a shell, run one after the other in the server's own folder before it starts
     * @param start the program and its arguments
     * @param target where the load goes
     * @param ready how it shows that the server is up
     * @param environment variables beyond those of this process
     */
    record ServerPlan(
            List<String> prepare,
            List<String> start,
            String target,
            Readiness ready,
            Map<String, String> environment) {}
}
