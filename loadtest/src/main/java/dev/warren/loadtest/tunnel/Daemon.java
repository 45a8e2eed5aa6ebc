package dev.warren.loadtest.tunnel;

import dev.warren.loadtest.measure.ProcessProbe;
import dev.warren.loadtest.sandbox.Sandbox;
import dev.warren.loadtest.sandbox.Shell;
import dev.warren.platform.config.UserError;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** An implementation that runs at one end. */
public final class Daemon implements AutoCloseable {
    private static final long START_NANOS = TimeUnit.SECONDS.toNanos(10);
    private static final long POLL_MILLIS = 5;
    private static final long END_SECONDS = 5;

    private final Process starter;
    private final ProcessHandle program;
    private final ProcessProbe probe;

    private Daemon(Process starter, ProcessHandle program) {
        this.starter = starter;
        this.program = program;
        this.probe = ProcessProbe.of(program.pid());
    }

    /**
     * Starts {@code implementation} at {@code end} and returns when {@code wg} can talk to it. The UserError of one that
     * does not start, or opens no UAPI socket within 10 s, carries its own last words.
     */
    public static Daemon start(Implementation implementation, End end) throws IOException, InterruptedException {
        return start(implementation, end, end.interfaceName());
    }

    /** As {@link #start(Implementation, End)}, for an interface of another name; the ends share one set of names. */
    public static Daemon start(Implementation implementation, End end, String interfaceName)
            throws IOException, InterruptedException {
        ProcessBuilder builder = Shell.builder(end.on(implementation.on(interfaceName)))
                .redirectErrorStream(true)
                .redirectInput(Path.of("/dev/null").toFile());
        builder.environment().put("LOG_LEVEL", "error"); // wireguard-go's
        Process process = builder.start();
        LastLines said = LastLines.of(process);
        long endNanos = System.nanoTime() + START_NANOS;
        while (!answers(end.uapiSocket(interfaceName))) {
            if (process.waitFor(POLL_MILLIS, TimeUnit.MILLISECONDS)) {
                throw new UserError(implementation.name() + " did not start: " + said.last());
            }
            if (System.nanoTime() > endNanos) {
                endTree(process.toHandle());
                throw new UserError(implementation.name() + " opened no UAPI socket for the interface " + interfaceName
                        + " within 10 s; its last words: " + said.last());
            }
        }
        return new Daemon(process, Sandbox.innermost(process.toHandle()));
    }

    /** Whether somebody listens. A socket that is there but has no listener yet would be removed by {@code wg} as stale. */
    private static boolean answers(Path socket) {
        if (!Files.exists(socket)) {
            return false;
        }
        try (SocketChannel _ = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
            return true;
        } catch (IOException notYet) {
            return false;
        }
    }

    /** The program's process number. */
    public long processId() {
        return program.pid();
    }

    /** Its resident memory; 0 when it has ended. */
    public long residentBytes() {
        return probe.residentBytes();
    }

    /** Its CPU time and memory. */
    ProcessProbe probe() {
        return probe;
    }

    /** Ends the program, by SIGTERM first, and waits until it is gone. */
    @Override
    public void close() {
        program.destroy();
        try {
            program.onExit().get(END_SECONDS, TimeUnit.SECONDS);
            if (!starter.waitFor(END_SECONDS, TimeUnit.SECONDS)) {
                endTree(starter.toHandle());
            }
        } catch (TimeoutException | ExecutionException stubborn) {
            endTree(starter.toHandle());
        } catch (InterruptedException stopping) {
            endTree(starter.toHandle());
            Thread.currentThread().interrupt();
        }
    }

    /** Ends a starter and what it started, at once. */
    public static void endTree(ProcessHandle starter) {
        starter.descendants().forEach(ProcessHandle::destroyForcibly);
        starter.destroyForcibly();
    }
}
