package dev.warren.loadtest.relay;

import dev.warren.loadtest.measure.Progress;
import dev.warren.loadtest.measure.Result;
import dev.warren.loadtest.measure.Workload;
import java.io.IOException;

/** One load on one relay. */
public final class RelayLoad implements Workload {
    private final RelaySettings settings;

    /** A load with these settings. */
    public RelayLoad(RelaySettings settings) {
        this.settings = settings;
    }

    @Override
    public Result run(Progress progress) throws IOException, InterruptedException {
        return switch (settings.job()) {
            case RelaySettings.Traffic traffic -> new TrafficRun(settings, traffic).run(progress);
            case RelaySettings.Storm storm -> new StormRun(settings, storm).run(progress);
            case RelaySettings.Idle idle -> new IdleRun(settings, idle).run(progress);
        };
    }
}
