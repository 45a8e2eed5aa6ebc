package dev.warren.loadtest.compare;

import dev.warren.loadtest.compare.ComparisonSpec.Load;
import dev.warren.loadtest.measure.Workload;
import dev.warren.loadtest.relay.RelayLoad;
import dev.warren.loadtest.relay.RelaySettings;
import dev.warren.loadtest.stream.StreamLoad;
import dev.warren.loadtest.stun.StunLoad;
import dev.warren.loadtest.stun.StunSettings;
import dev.warren.loadtest.tunnel.TunnelLoad;
import java.util.Map;

/** Makes a workload out of its settings. */
interface Workloads {
    /**
     * The workload of this kind.
     *
     * @throws dev.warren.platform.config.UserError when a setting is unknown or wrong
     */
    Workload build(Load load, Map<String, String> settings);

    /** The loads of {@code warren loadtest}. */
    static Workloads real() {
        return (load, settings) -> switch (load) {
            case STUN -> new StunLoad(StunSettings.parse(settings));
            case RELAY -> new RelayLoad(RelaySettings.parse(settings));
            case TUNNEL -> TunnelLoad.of(settings);
            case STREAM -> StreamLoad.of(settings);
        };
    }
}
