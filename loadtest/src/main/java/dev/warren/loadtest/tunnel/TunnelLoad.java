package dev.warren.loadtest.tunnel;

import dev.warren.loadtest.measure.Progress;
import dev.warren.loadtest.measure.Result;
import dev.warren.loadtest.measure.Workload;
import dev.warren.platform.crypto.X25519Choice;
import java.io.IOException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Measures a tunnel, in rounds of which each has its own namespaces and processes. A round in which other processes kept
 * the machine busy is thrown away and made again, as often as the settings allow.
 */
public final class TunnelLoad implements Workload {
    private final TunnelSettings settings;

    TunnelLoad(TunnelSettings settings) {
        this.settings = settings;
    }

    /**
     * A load from settings by their names.
     *
     * @throws dev.warren.platform.config.UserError when a setting is unknown or wrong, or a program is missing
     */
    public static TunnelLoad of(Map<String, String> settings) {
        Map<String, String> environment = System.getenv();
        TunnelLoad load = new TunnelLoad(TunnelSettings.parse(settings, environment));
        requirePrograms(environment);
        return load;
    }

    /** Makes sure that what measures is there. */
    static void requirePrograms(Map<String, String> environment) {
        Implementation.require(environment, "unshare", "nsenter", "ip", "wg", "ping", "iperf3", "ethtool", "taskset");
    }

    @Override
    public Result run(Progress progress) throws IOException, InterruptedException {
        X25519Choice.putInForce();
        List<Findings> clean = new ArrayList<>();
        List<Findings> busy = new ArrayList<>();
        while (clean.size() < settings.passes().rounds()
                && busy.size() <= settings.passes().retries()) {
            String round = "round " + (clean.size() + busy.size() + 1) + ": ";
            Findings found = Round.run(settings, new SecureRandom(), step -> progress.step(round + step));
            if (found.isClean()) {
                clean.add(found);
            } else {
                busy.add(found);
                progress.step(round + "thrown away, as the machine was busy: " + found.complaint());
            }
        }
        return result(clean, busy);
    }

    private Result result(List<Findings> clean, List<Findings> busy) {
        Result.Builder result = Result.builder("tunnel", settings.ends().subject())
                .setting("offloads", settings.ends().offloads() ? "on" : "off")
                .setting("duration", settings.seconds() + "s")
                .setting("warmup", settings.warmUpSeconds() + "s")
                .setting("cores", settings.ends().cores())
                .setting("clean rounds", clean.size());
        Findings.merge(clean.isEmpty() ? busy : clean, result);
        if (clean.isEmpty()) {
            busy.forEach(round -> result.unclean(round.complaint()));
        } else {
            busy.forEach(round -> result.note("a round was thrown away: " + round.complaint()));
        }
        return result.build();
    }
}
