package dev.warren.loadtest.relay;

import dev.warren.loadtest.measure.Better;
import dev.warren.loadtest.measure.Result;
import dev.warren.loadtest.measure.Unit;

/** What the results of all relay loads have in common. */
final class CommonFigures {
    /** A generator that uses more than that of its threads' time may be what limits the figures. */
    private static final double SATURATED = 0.97;

    private CommonFigures() {}

    /** "1 packet was", "2 packets were". */
    static String times(long count, String what) {
        return count == 1 ? "1 " + what + " was" : count + " " + what + "s were";
    }

    static void common(Result.Builder result, RelaySettings settings) {
        result.setting("duration", Unit.NANOS.format((double) settings.span().durationNanos()))
                .setting("warm-up", Unit.NANOS.format((double) settings.span().warmupNanos()))
                .setting("threads", settings.threads());
    }

    static void cost(Result.Builder result, RelaySettings settings, Cost cost) {
        if (settings.pid() != 0) {
            result.figure("server cores", cost.serverCores(), Unit.CORES, Better.LOWER)
                    .figure("server memory", (double) cost.serverBytes(), Unit.BYTES, Better.LOWER);
        }
        result.unclean(cost.complaints());
        result.figure("generator cores", cost.ownCores(), Unit.CORES, Better.NEITHER);
        if (cost.ownCores() > SATURATED * settings.threads()) {
            result.note("the generator's " + (settings.threads() == 1 ? "core was" : "cores were")
                    + " saturated: the relay may be able to do more");
        }
    }
}
