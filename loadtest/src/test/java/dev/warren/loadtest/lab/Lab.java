package dev.warren.loadtest.lab;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;

/**
 * Network namespaces for one test, with names of its own so that two runs never meet; {@link #close()} ends every
 * process started here and removes every namespace. What a killed run left behind is removed by the next one.
 */
public final class Lab implements AutoCloseable {
    private static final String PREFIX = "wlab";
    private static final Path NAMESPACES = Path.of("/run/netns");
    private static final AtomicInteger COUNTER = new AtomicInteger();
    private static final Duration COMMAND_LIMIT = Duration.ofSeconds(60);

    /**
     * What a command did.
     *
     * @param exitCode its exit code
     * @param output what it printed, errors included
     */
    public record Result(int exitCode, String output) {}

    private final String id = PREFIX + ProcessHandle.current().pid() + "x" + COUNTER.incrementAndGet();
    private final List<String> namespaces = new ArrayList<>();
    private final List<Process> processes = new ArrayList<>();
    private final Thread atExit = new Thread(this::cleanUp, "lab-clean-up");

    /** An empty lab. Needs root and {@code ip}. */
    public Lab() {
        removeLeftovers();
        Runtime.getRuntime().addShutdownHook(atExit);
    }

    /** A new namespace with its loopback up; returns its full name. */
    public String namespace(String name) {
        String full = id + name;
        run("ip", "netns", "add", full);
        namespaces.add(full);
        in(full, "ip", "link", "set", "lo", "up");
        return full;
    }

    /** A short name that no other lab uses, for interfaces: at most 15 characters (IFNAMSIZ). */
    public String interfaceName(String name) {
        String unique =
                Long.toString(ProcessHandle.current().pid(), 36) + Integer.toString(COUNTER.incrementAndGet(), 36);
        String full = name + unique;
        if (full.length() > 15) {
            throw new IllegalArgumentException(full + " is too long for an interface");
        }
        return full;
    }

    /** Joins two namespaces by a veth pair and gives each end an address in CIDR form. */
    public void join(String left, String leftAddress, String right, String rightAddress) {
        String a = interfaceName("l");
        String b = interfaceName("r");
        run("ip", "link", "add", a, "netns", left, "type", "veth", "peer", "name", b, "netns", right);
        in(left, "ip", "addr", "add", leftAddress, "dev", a);
        in(right, "ip", "addr", "add", rightAddress, "dev", b);
        in(left, "ip", "link", "set", a, "up");
        in(right, "ip", "link", "set", b, "up");
    }

    /** Runs a command in a namespace to its end; fails the test with its output when it does not exit with 0. */
    public String in(String namespace, String... command) {
        return run(prefixed(namespace, command));
    }

    /** Runs a command in a namespace to its end and returns whatever came of it. */
    public Result tryIn(String namespace, String... command) {
        return execute(prefixed(namespace, command));
    }

    /** Starts a command in a namespace; its output goes to {@code log}; it is ended with the lab. */
    public Process start(String namespace, Path log, String... command) {
        try {
            Process process = new ProcessBuilder(prefixed(namespace, command))
                    .redirectErrorStream(true)
                    .redirectOutput(log.toFile())
                    .redirectInput(ProcessBuilder.Redirect.from(new java.io.File("/dev/null")))
                    .start();
            processes.add(process);
            return process;
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    /**
     * Waits until the condition holds; fails the test with {@code what} and the log's text when it does not in time.
     */
    public static void await(String what, Duration limit, Path log, BooleanSupplier condition) {
        long end = System.nanoTime() + limit.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > end) {
                throw new AssertionError(what + " did not happen within " + limit + "; log:\n" + read(log));
            }
            java.util.concurrent.locks.LockSupport.parkNanos(20_000_000);
        }
    }

    /** A file's text, empty when there is none. */
    public static String read(Path file) {
        try {
            return Files.exists(file) ? Files.readString(file) : "";
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    private static String[] prefixed(String namespace, String... command) {
        List<String> all = new ArrayList<>(List.of("ip", "netns", "exec", namespace));
        all.addAll(List.of(command));
        return all.toArray(String[]::new);
    }

    private static String run(String... command) {
        Result result = execute(command);
        if (result.exitCode() != 0) {
            throw new AssertionError(
                    String.join(" ", command) + " exited with " + result.exitCode() + ":\n" + result.output());
        }
        return result.output();
    }

    private static Result execute(String... command) {
        try {
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectInput(ProcessBuilder.Redirect.from(new java.io.File("/dev/null")))
                    .start();
            Thread watchdog = Thread.ofVirtual().start(() -> endAfter(process, COMMAND_LIMIT));
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            int exitCode = process.waitFor();
            watchdog.interrupt();
            return new Result(exitCode, output);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted during " + String.join(" ", command), stopped);
        }
    }

    private static void endAfter(Process process, Duration limit) {
        try {
            if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException done) {
            Thread.currentThread().interrupt();
        }
    }

    private static void removeLeftovers() {
        if (!Files.isDirectory(NAMESPACES)) {
            return;
        }
        try (var names = Files.list(NAMESPACES)) {
            for (Path path : names.toList()) {
                String name = path.getFileName().toString();
                int end = name.indexOf('x');
                if (name.startsWith(PREFIX) && end > 0) {
                    long pid = Long.parseLong(name.substring(PREFIX.length(), end));
                    if (ProcessHandle.of(pid).isEmpty()) {
                        execute("ip", "netns", "del", name);
                    }
                }
            }
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    private void cleanUp() {
        for (Process process : processes) {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
        for (Process process : processes) {
            process.onExit().join();
        }
        for (String namespace : namespaces) {
            execute("ip", "netns", "del", namespace);
        }
    }

    /** Ends the lab's processes and removes its namespaces. */
    @Override
    public void close() {
        Runtime.getRuntime().removeShutdownHook(atExit);
        cleanUp();
    }
}
