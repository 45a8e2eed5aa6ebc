package dev.warren.loadtest.relay;

import dev.warren.loadtest.measure.Progress;
import dev.warren.platform.config.UserError;
import dev.warren.platform.linux.Clock;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The threads of one run: they get ready, start together, and are watched meanwhile. */
final class Crew<T> {
    private static final long HEAD_START_NANOS = TimeUnit.MILLISECONDS.toNanos(20);
    private static final long STEP_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final List<? extends Share<T>> shares;
    private final RelaySettings settings;
    private final String unit;

    /**
     * A crew.
     *
     * @param unit what {@link Share#done} counts, such as {@code packets}
     */
    Crew(List<? extends Share<T>> shares, RelaySettings settings, String unit) {
        this.shares = shares;
        this.settings = settings;
        this.unit = unit;
    }

    /** What the threads found, and what the run cost. */
    record Outcome<T>(List<T> results, Cost cost) {}

    /** Runs all of it once. */
    Outcome<T> run(Progress progress) throws IOException, InterruptedException {
        CompletableFuture<Schedule> start = new CompletableFuture<>();
        List<CompletableFuture<@Nullable Void>> ready = new ArrayList<>();
        List<Future<T>> results = new ArrayList<>();
        ExecutorService threads = Executors.newFixedThreadPool(shares.size(), this::thread);
        try {
            for (Share<T> share : shares) {
                CompletableFuture<@Nullable Void> signal = new CompletableFuture<>();
                ready.add(signal);
                results.add(threads.submit(() -> work(share, signal, start)));
            }
            progress.step("connecting to " + settings.target());
            result(CompletableFuture.allOf(ready.toArray(CompletableFuture[]::new)));
            Schedule schedule = Schedule.from(Clock.bootTimeNanos() + HEAD_START_NANOS, settings.span());
            CostMeter meter = new CostMeter(settings.pid());
            start.complete(schedule);
            Cost cost = watch(schedule, meter, progress);
            List<T> found = new ArrayList<>();
            for (Future<T> result : results) {
                found.add(result(result));
            }
            return new Outcome<>(found, cost);
        } finally {
            start.cancel(false);
            threads.shutdownNow();
            progress.done();
        }
    }

    private Thread thread(Runnable task) {
        Thread thread = new Thread(task, "relay-load");
        thread.setDaemon(true);
        return thread;
    }

    private T work(Share<T> share, CompletableFuture<@Nullable Void> ready, CompletableFuture<Schedule> start)
            throws Exception {
        try (share) {
            share.prepare();
            ready.complete(null);
            return share.run(start.get());
        } catch (Exception failed) {
            ready.completeExceptionally(failed);
            throw failed;
        }
    }

    private Cost watch(Schedule schedule, CostMeter meter, Progress progress) throws InterruptedException {
        sleepUntil(schedule.startNanos());
        progress.step("warming up");
        sleepUntil(schedule.fromNanos());
        meter.start();
        long before = done();
        for (long at = schedule.fromNanos() + STEP_NANOS; at < schedule.untilNanos(); at += STEP_NANOS) {
            sleepUntil(at);
            long now = done();
            progress.step(String.format(
                    java.util.Locale.ROOT,
                    "%2d of %d s: %,d %s/s",
                    TimeUnit.NANOSECONDS.toSeconds(at - schedule.fromNanos()),
                    TimeUnit.NANOSECONDS.toSeconds(settings.span().durationNanos()),
                    now - before,
                    unit));
            before = now;
        }
        sleepUntil(schedule.untilNanos());
        return meter.stop();
    }

    private long done() {
        return shares.stream().mapToLong(Share::done).sum();
    }

    private static void sleepUntil(long nanos) throws InterruptedException {
        long left = nanos - Clock.bootTimeNanos();
        if (left > 0) {
            TimeUnit.NANOSECONDS.sleep(left);
        }
    }

    /** The future's value; its failure as the exception that it is. */
    private static <V> V result(Future<V> future) throws IOException, InterruptedException {
        try {
            return future.get();
        } catch (ExecutionException failed) {
            Throwable cause = failed.getCause() instanceof CompletionException wrapped && wrapped.getCause() != null
                    ? wrapped.getCause()
                    : failed.getCause();
            switch (cause) {
                case UserError error -> throw error;
                case IOException io -> throw io;
                case RuntimeException bug -> throw bug;
                case null, default -> throw new IllegalStateException(failed);
            }
        }
    }
}
