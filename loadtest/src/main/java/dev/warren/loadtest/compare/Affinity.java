package dev.warren.loadtest.compare;

import dev.warren.platform.config.UserError;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Holds this process to some cores, all of its threads, until closed; and programs that it starts to others. */
final class Affinity implements AutoCloseable {
    private static final String TASKSET = "taskset";

    private final String before;
    private final @Nullable String held;

    private Affinity(String before, @Nullable String held) {
        this.before = before;
        this.held = held;
    }

    /** Holds this process to {@code cores}; null leaves it as it is. */
    static Affinity hold(@Nullable String cores) throws InterruptedException {
        Affinity affinity = new Affinity(allowed(), cores);
        if (cores != null) {
            set(cores);
        }
        return affinity;
    }

    /** The list of the cores that this process may use now. */
    static String allowed() {
        String key = "Cpus_allowed_list:";
        try {
            return Files.readAllLines(Path.of("/proc/self/status")).stream()
                    .filter(line -> line.startsWith(key))
                    .map(line -> line.substring(key.length()).strip())
                    .findFirst()
                    .orElse("0");
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    /** {@code command} held to {@code cores}, or, when null, to what this process was allowed before. */
    List<String> on(@Nullable String cores, List<String> command) {
        if (cores == null && held == null) {
            return command;
        }
        List<String> all = new ArrayList<>(List.of(TASKSET, "-c", cores == null ? before : cores));
        all.addAll(command);
        return all;
    }

    @Override
    public void close() {
        if (held != null) {
            try {
                set(before);
            } catch (InterruptedException ending) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static void set(String cores) throws InterruptedException {
        String pid = Long.toString(ProcessHandle.current().pid());
        try {
            Process taskset = new ProcessBuilder(TASKSET, "-a", "-c", "-p", cores, pid)
                    .redirectErrorStream(true)
                    .start();
            String said = new String(taskset.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            // A thread that ends meanwhile makes taskset complain; those that live are held all the same.
            if (taskset.waitFor() != 0 && !said.contains("No such process")) {
                throw new UserError("this process could not be held to cores " + cores + ": " + said.strip());
            }
        } catch (IOException missing) {
            throw new UserError(
                    "cores are chosen with \"taskset\", which is missing: install util-linux, or leave the spec's"
                            + " \"cores\" out",
                    missing);
        }
    }
}
