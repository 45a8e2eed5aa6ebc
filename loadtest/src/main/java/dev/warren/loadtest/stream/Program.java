package dev.warren.loadtest.stream;

import dev.warren.loadtest.sandbox.Sandbox;
import dev.warren.loadtest.tunnel.Daemon;
import dev.warren.platform.config.UserError;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** One of Warren's programs that was started, and what it has said. */
record Program(String name, Process starter, Path log) implements AutoCloseable {
    private static final long START_NANOS = TimeUnit.SECONDS.toNanos(40);
    private static final long POLL_MILLIS = 20;
    private static final long END_SECONDS = 5;

    /** A condition that is asked for again and again; null while it does not hold. */
    @FunctionalInterface
    interface Question<T> {
        @Nullable
        T ask() throws IOException;
    }

    /** Waits until it has printed {@code text}; the UserError carries its last words when it ends before. */
    void awaitSaid(String text) throws IOException, InterruptedException {
        await("did not say \"" + text + "\"", () -> said().contains(text) ? text : null);
    }

    /** Waits until {@code question} has an answer; the UserError says what the program did not do within 40 s. */
    <T> T await(String missing, Question<T> question) throws IOException, InterruptedException {
        long endNanos = System.nanoTime() + START_NANOS;
        while (true) {
            T answer = question.ask();
            if (answer != null) {
                return answer;
            }
            if (starter.waitFor(POLL_MILLIS, TimeUnit.MILLISECONDS)) {
                throw new UserError(name + " ended; its last line: " + lastLine());
            }
            if (System.nanoTime() > endNanos) {
                throw new UserError(name + " " + missing + " within 40 s; its last line: " + lastLine());
            }
        }
    }

    /** The number of the program itself, behind those that started it. */
    long pid() {
        return Sandbox.innermost(starter.toHandle()).pid();
    }

    private String said() throws IOException {
        return Files.readString(log, StandardCharsets.ISO_8859_1);
    }

    private String lastLine() throws IOException {
        List<String> lines = said().lines().filter(line -> !line.isBlank()).toList();
        return lines.isEmpty() ? "it said nothing" : lines.getLast().strip();
    }

    /** Ends it, by SIGTERM first. */
    @Override
    public void close() {
        Sandbox.innermost(starter.toHandle()).destroy();
        try {
            if (!starter.waitFor(END_SECONDS, TimeUnit.SECONDS)) {
                Daemon.endTree(starter.toHandle());
            }
        } catch (InterruptedException hurry) {
            Daemon.endTree(starter.toHandle());
            Thread.currentThread().interrupt();
        }
    }
}
