package dev.warren.loadtest.sandbox;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs short commands to their end. Their locale is C, so that what they print can be read by a program. */
public final class Shell {
    private static final long LIMIT_SECONDS = 30;

    private Shell() {}

    /**
     * Runs {@code command} and returns what it printed, standard error included. The IOException of a command that
     * failed, or took over 30 seconds, names it and carries what it printed.
     */
    public static String run(List<String> command) throws IOException {
        Process process = builder(command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        Thread watchdog = Thread.ofVirtual().start(() -> endAfterLimit(process));
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        int exitCode = waitFor(process);
        watchdog.interrupt();
        if (exitCode != 0) {
            throw new IOException(
                    "\"" + String.join(" ", command) + "\" failed with exit code " + exitCode + ": " + output.strip());
        }
        return output;
    }

    /** A builder for {@code command} with the C locale. */
    public static ProcessBuilder builder(List<String> command) {
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().put("LC_ALL", "C");
        return builder;
    }

    /** Starts {@code command} without input; what it prints goes to {@code log}. */
    public static Process start(List<String> command, Path log) throws IOException {
        return builder(command)
                .redirectInput(Path.of("/dev/null").toFile())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                .start();
    }

    /** The exit code; an interrupt becomes an IOException. */
    public static int waitFor(Process process) throws IOException {
        try {
            return process.waitFor();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while a command was running", interrupted);
        }
    }

    private static void endAfterLimit(Process process) {
        try {
            if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException done) {
            Thread.currentThread().interrupt();
        }
    }
}
