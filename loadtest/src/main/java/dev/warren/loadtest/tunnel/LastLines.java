package dev.warren.loadtest.tunnel;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;

/** What a program printed last. A virtual thread reads it all, so that the program never waits. */
final class LastLines {
    private static final int KEPT = 20;
    private static final long END_MILLIS = 500;

    private final Deque<String> lines = new ArrayDeque<>();
    private final Thread reader;

    private LastLines(Process process) {
        reader = Thread.ofVirtual().name("last-lines").start(() -> read(process));
    }

    static LastLines of(Process process) {
        return new LastLines(process);
    }

    /** The last line that says something; to be asked when the program has ended or is given up. */
    String last() throws InterruptedException {
        reader.join(END_MILLIS);
        synchronized (lines) {
            return lines.isEmpty() ? "it said nothing" : lines.getLast();
        }
    }

    private void read(Process process) {
        try (BufferedReader said = process.inputReader(StandardCharsets.UTF_8)) {
            for (String line = said.readLine(); line != null; line = said.readLine()) {
                if (!line.isBlank()) {
                    keep(line.strip());
                }
            }
        } catch (IOException | UncheckedIOException ended) {
            keep("its output could not be read: " + ended.getMessage());
        }
    }

    private void keep(String line) {
        synchronized (lines) {
            lines.addLast(line);
            if (lines.size() > KEPT) {
                lines.removeFirst();
            }
        }
    }
}
