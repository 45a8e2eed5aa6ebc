package dev.warren.loadtest.sandbox;

import dev.warren.loadtest.measure.ProcessProbe;
import dev.warren.platform.config.UserError;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A world of its own: network, mounts and processes. Its first process reads from a pipe that this process holds, so
 * when this process ends, even by {@code kill -9}, the kernel closes the pipe, the first process ends, and with it the
 * kernel ends every process in the sandbox and removes its namespaces and interfaces.
 */
public final class Sandbox implements AutoCloseable {
    private static final String FIRST_PROCESS =
            """
            mount -t tmpfs tmpfs /run || exit 1
            ip link set lo up || exit 1
            (: <>/dev/net/tun) || exit 1
            echo ready
            exec cat >/dev/null
            """;
    private static final long END_LIMIT_SECONDS = 10;

    private final Process unshare;
    private final ProcessHandle first;

    private Sandbox(Process unshare, ProcessHandle first) {
        this.unshare = unshare;
        this.first = first;
    }

    /**
     * Makes a sandbox for {@code program}, such as "the demo"; the {@link UserError} says what this machine does not
     * allow, and how {@code command} could be started instead.
     */
    public static Sandbox start(String program, String command) throws IOException {
        Process unshare = Shell.builder(List.of(
                        "unshare",
                        "--net",
                        "--mount",
                        "--pid",
                        "--fork",
                        "--kill-child",
                        "--mount-proc",
                        "sh",
                        "-c",
                        FIRST_PROCESS))
                .redirectErrorStream(true)
                .start();
        String said = firstLines(unshare);
        if (!said.endsWith("ready\n")) {
            unshare.destroyForcibly();
            throw new UserError(whyNot(said, program, command));
        }
        ProcessHandle first = unshare.children().findFirst().orElseThrow(() -> new IOException("the sandbox ended"));
        return new Sandbox(unshare, first);
    }

    /** The number of the sandbox's first process, as this process sees it. */
    public long processId() {
        return first.pid();
    }

    /** A command line that runs {@code command} inside. */
    public List<String> inside(List<String> command) {
        return enter(first.pid(), command);
    }

    /** A command line that runs {@code command} in the network, mounts and process numbers of process {@code id}. */
    public static List<String> enter(long id, List<String> command) {
        List<String> all =
                new ArrayList<>(List.of("nsenter", "--target", Long.toString(id), "--net", "--mount", "--pid", "--"));
        all.addAll(command);
        return all;
    }

    /** The process that a chain of starters ended in; those before it only wait for it. */
    public static ProcessHandle innermost(ProcessHandle handle) {
        return handle.children()
                .filter(child -> ProcessProbe.of(child.pid()).alive())
                .findFirst()
                .map(Sandbox::innermost)
                .orElse(handle);
    }

    /** Ends every process inside, and with them the namespaces. */
    @Override
    public void close() {
        try {
            unshare.getOutputStream().close();
            if (!unshare.waitFor(END_LIMIT_SECONDS, TimeUnit.SECONDS)) {
                unshare.destroyForcibly();
            }
        } catch (IOException alreadyGone) {
            unshare.destroyForcibly();
        } catch (InterruptedException interrupted) {
            unshare.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }

    /** Reads up to the line "ready" or to the end. */
    private static String firstLines(Process process) throws IOException {
        StringBuilder said = new StringBuilder();
        // Byte by byte, so that nothing after the line is taken.
        for (int next = process.getInputStream().read();
                next >= 0;
                next = process.getInputStream().read()) {
            said.append((char) next);
            if (said.toString().endsWith("ready\n")) {
                break;
            }
        }
        return new String(said.toString().getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
    }

    /** Why the sandbox did not start, by what its shell said, as one sentence with the way out. */
    static String whyNot(String said, String program, String command) {
        String reason = said.strip().replace("\n", "; ");
        if (reason.contains("/dev/net/tun")) {
            return "/dev/net/tun cannot be opened here (" + reason
                    + "): load the kernel's module with \"modprobe tun\", or give the container that device";
        }
        return program + " cannot make its namespaces here (" + reason
                + "): run it as root, or where user namespaces are allowed (unshare -Ur " + command
                + ")";
    }
}
