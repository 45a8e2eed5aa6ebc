package dev.warren.loadtest.demo;

import dev.warren.loadtest.sandbox.Shell;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** A ping that keeps running on a machine, and when each answer came. One virtual thread reads what it prints. */
final class PingProbe implements AutoCloseable {
    private static final String INTERVAL_SECONDS = "0.2";
    private static final long POLL_MILLIS = 10;

    private final Process process;
    private final List<Long> answersNanos = new CopyOnWriteArrayList<>();
    private final long startedNanos = System.nanoTime();

    private PingProbe(Process process) {
        this.process = process;
    }

    /** Pings {@code address} from {@code machine} five times a second until closed. */
    static PingProbe start(Machine machine, String address) throws IOException {
        PingProbe probe =
                new PingProbe(Shell.builder(machine.on(List.of("ping", "-n", "-i", INTERVAL_SECONDS, address)))
                        .redirectErrorStream(true)
                        .start());
        Thread.ofVirtual().name("ping").start(probe::read);
        return probe;
    }

    long startedNanos() {
        return startedNanos;
    }

    /** When the first answer after {@code sinceNanos} came; an IOException when none does within the limit. */
    long awaitAnswer(long sinceNanos, long limitMillis) throws IOException {
        long end = System.nanoTime() + limitMillis * 1_000_000;
        while (true) {
            for (long answer : answersNanos) {
                if (answer > sinceNanos) {
                    return answer;
                }
            }
            if (System.nanoTime() > end) {
                throw new IOException("no answer to a ping within " + limitMillis / 1000.0 + " s");
            }
            Service.pause(POLL_MILLIS);
        }
    }

    /** The longest time without an answer between {@code fromNanos} and now. */
    long longestSilenceNanos(long fromNanos) {
        long longest = 0;
        long last = fromNanos;
        for (long answer : answersNanos) {
            if (answer > fromNanos) {
                longest = Math.max(longest, answer - last);
                last = answer;
            }
        }
        return Math.max(longest, System.nanoTime() - last);
    }

    @Override
    public void close() {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
    }

    private void read() {
        try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.contains(" bytes from ")) {
                    answersNanos.add(System.nanoTime());
                }
            }
        } catch (IOException | UncheckedIOException ended) {
            // close() ended it.
        }
    }
}
