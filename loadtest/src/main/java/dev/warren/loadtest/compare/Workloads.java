package dev.warren.loadtest.compare;

import dev.warren.loadtest.compare.ComparisonSpec.Load;
import dev.warren.loadtest.measure.Workload;
import java.util.Map;

/** Makes a workload out of its settings. */
interface Workloads {
    /**
     * The workload of this kind.
     *
     * @throws dev.warren.platform.config.UserError when a setting is unknown or wrong
     */
    Workload build(Load load, Map<String, String> settings);
}
