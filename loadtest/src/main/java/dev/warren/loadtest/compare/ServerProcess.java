package dev.warren.loadtest.compare;

import dev.warren.platform.config.UserError;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A program that this one has started. What it prints goes to a file; it is ended by its process number. */
final class ServerProcess implements AutoCloseable {
    private static final long PREPARE_SECONDS = 60;
    private static final long TERM_SECONDS = 5;
    private static final long DYING_MILLIS = 200;

    private final String name;
    private final Process process;
    private final Path log;

    private ServerProcess(String name, Process process, Path log) {
        this.name = name;
        this.process = process;
        this.log = log;
    }

    /**
     * Starts {@code command} in {@code folder}, with {@code environment} beside this process's own variables.
     *
     * @throws UserError when it can't be started
     */
    static ServerProcess start(String name, List<String> command, Map<String, String> environment, Path folder) {
        Path log = folder.resolve(name.replaceAll("[^A-Za-z0-9._-]", "_") + ".log");
        try {
            return new ServerProcess(
                    name, builder(command, environment, folder, log).start(), log);
        } catch (IOException failed) {
            throw new UserError(name + " could not be started: " + failed.getMessage(), failed);
        }
    }

    /** Runs a command of the shell to its end; a UserError with its last line when it fails or takes over a minute. */
    static void prepare(String name, String command, Map<String, String> environment, Path folder)
            throws InterruptedException {
        try (ServerProcess shell = start(name, List.of("sh", "-c", command), environment, folder)) {
            boolean ended = shell.process.waitFor(PREPARE_SECONDS, TimeUnit.SECONDS);
            if (!ended || shell.process.exitValue() != 0) {
                throw new UserError("preparing " + name + " failed: \"" + command + "\" "
                        + (ended ? shell.end() : "took over " + PREPARE_SECONDS + " s"));
            }
        }
    }

    /** Its process number; that of the program itself when a starter has become it (exec). */
    long pid() {
        return process.pid();
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** Whether it lives on. One that is about to end, its connections closed already, is waited for a moment. */
    boolean staysAlive() throws InterruptedException {
        return !process.waitFor(DYING_MILLIS, TimeUnit.MILLISECONDS);
    }

    /** The end of a sentence about a process that has ended: its exit code, and the last line that it printed. */
    String end() {
        String last = lastLine();
        return "ended with exit code " + process.exitValue()
                + (last.isEmpty() ? " and said nothing" : "; its last line: " + last);
    }

    /** The last line that it has printed; empty when there is none. */
    String lastLine() {
        try (Stream<String> lines = Files.lines(log, StandardCharsets.ISO_8859_1)) {
            return lines.map(String::strip).filter(line -> !line.isEmpty()).reduce("", (_, later) -> later);
        } catch (IOException unreadable) {
            return "";
        }
    }

    /** Asks it to end, and ends it after five seconds. */
    @Override
    public void close() {
        process.destroy();
        boolean interrupted = false;
        try {
            if (process.waitFor(TERM_SECONDS, TimeUnit.SECONDS)) {
                return;
            }
        } catch (InterruptedException hurry) {
            interrupted = true;
        }
        process.destroyForcibly().onExit().join();
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public String toString() {
        return name + " (process " + pid() + ")";
    }

    private static ProcessBuilder builder(
            List<String> command, Map<String, String> environment, Path folder, Path log) {
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectInput(Path.of("/dev/null").toFile())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
        builder.environment().putAll(environment);
        return builder;
    }
}
