package dev.warren.loadtest.sandbox;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs short commands to their end. Their locale is C, so that what they print can be read by a program. */
public final class Shell {
    private static final Logger LOG = LoggerFactory.getLogger(Shell.class);
    private static final long LIMIT_SECONDS = 30;

    private Shell() {}

    /**
     * Runs {@code command} and returns what it printed, standard error included. The IOException of a command that
     * failed, or took over 30 seconds, names it and carries what it printed.
     */
    public static String run(List<String> command) throws IOException {
        return run(command, "");
    }

    /** As {@link #run(List)}, with {@code input} on the command's standard input, all of it before anything is read. */
    public static String run(List<String> command, String input) throws IOException {
        Process process = builder(command).redirectErrorStream(true).start();
        Thread watchdog = Thread.ofVirtual().start(() -> endAfterLimit(process));
        try (OutputStream stdin = process.getOutputStream()) {
            stdin.write(input.getBytes(StandardCharsets.UTF_8));
        } catch (IOException unread) {
            LOG.debug("{} did not read its input: {}", command, unread.getMessage());
        }
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        int exitCode = waitFor(process);
        watchdog.interrupt();
        if (exitCode != 0) {
            throw new IOException(
                    "\"" + String.join(" ", command) + "\" failed with exit code " + exitCode + ": " + output.strip());
        }
        return output;
    }

    /** A builder for {@code command} with the C locale, which finds {@code ip} and the like on everybody's PATH. */
    public static ProcessBuilder builder(List<String> command) {
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().put("LC_ALL", "C");
        builder.environment().merge("PATH", "/usr/sbin:/sbin", (path, sbin) -> path + ":" + sbin);
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
                process.descendants().forEach(ProcessHandle::destroyForcibly);
                process.destroyForcibly();
            }
        } catch (InterruptedException done) {
            Thread.currentThread().interrupt();
        }
    }
}
