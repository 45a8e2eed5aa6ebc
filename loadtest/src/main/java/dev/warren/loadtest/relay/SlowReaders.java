package dev.warren.loadtest.relay;

import dev.warren.loadtest.relay.wire.Connection;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Reads for receivers that are slow on purpose: each gets a small share of bytes at a time. */
final class SlowReaders {
    private static final long TICK_NANOS = TimeUnit.MILLISECONDS.toNanos(20);
    private static final double NANOS_PER_SECOND = 1e9;

    private final List<Connection> readers;
    private final long bytesPerSecond;
    private long lastNanos;
    private double allowance;

    SlowReaders(List<Connection> readers, long bytesPerSecond) {
        this.readers = readers;
        this.bytesPerSecond = bytesPerSecond;
        readers.forEach(reader -> reader.pauseReading(true));
    }

    /** Reads what each may have by now; when to be called again. */
    long read(long nowNanos) {
        if (readers.isEmpty()) {
            return Long.MAX_VALUE;
        }
        if (lastNanos == 0) {
            lastNanos = nowNanos;
        }
        if (nowNanos - lastNanos >= TICK_NANOS) {
            allowance += (nowNanos - lastNanos) / NANOS_PER_SECOND * bytesPerSecond;
            lastNanos = nowNanos;
            int whole = (int) allowance;
            allowance -= whole;
            if (whole > 0) {
                readers.forEach(reader -> reader.read(whole));
            }
        }
        return lastNanos + TICK_NANOS;
    }
}
