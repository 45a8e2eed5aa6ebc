package dev.warren.platform.net;

import dev.warren.platform.linux.Clock;
import dev.warren.platform.linux.TimerSlack;
import io.netty.channel.SelectStrategy;
import io.netty.util.IntSupplier;
import java.util.concurrent.locks.LockSupport;

/** Pauses as {@link Gathering} says before an event loop waits for its connections. On the loop's thread. */
final class GatheringSelect implements SelectStrategy {
    private static final long SLACK_NANOS = 1_000;

    private final Gathering gathering;
    private boolean entered;

    GatheringSelect(int mostMicros) {
        gathering = new Gathering(mostMicros);
    }

    @Override
    public int calculateStrategy(IntSupplier selectNow, boolean hasTasks) throws Exception {
        if (!entered) {
            entered = true;
            gathering.enter();
            TimerSlack.setNanos(SLACK_NANOS);
        }
        if (hasTasks) {
            return selectNow.get();
        }
        long nowNanos = System.nanoTime();
        if (gathering.isDue(nowNanos)) {
            gathering.adapt(nowNanos, Clock.threadCpuNanos());
        }
        if (gathering.pauseNanos() > 0) {
            LockSupport.parkNanos(this, gathering.pauseNanos());
        }
        return SELECT;
    }
}
