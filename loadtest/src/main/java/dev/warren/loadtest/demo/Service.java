package dev.warren.loadtest.demo;

import dev.warren.loadtest.sandbox.Sandbox;
import dev.warren.loadtest.sandbox.Shell;
import dev.warren.platform.linux.NetworkNamespace;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** One program of Warren that runs in the sandbox, and its log. */
final class Service {
    private static final int LOG_LINES = 6;
    private static final long POLL_MILLIS = 20;

    private final String name;
    private final Path log;
    private final Process process;

    private Service(String name, Path log, Process process) {
        this.name = name;
        this.log = log;
        this.process = process;
    }

    /** Starts {@code command}; its output goes to {@code NAME.log} in {@code folder}. */
    static Service start(String name, List<String> command, Path folder) throws IOException {
        Path log = folder.resolve(name + ".log");
        return new Service(name, log, Shell.start(command, log));
    }

    /** Throws with the program's last words if it has ended. */
    void mustRun() throws IOException {
        if (!process.isAlive()) {
            throw new IOException(name + " ended with exit code " + process.exitValue() + "; its last words: "
                    + DemoFolder.lastLines(log, LOG_LINES));
        }
    }

    /** Waits until {@code address} accepts a TCP connection, tried from {@code network}. */
    void awaitPort(NetworkNamespace network, InetSocketAddress address, long limitMillis) throws IOException {
        long end = System.nanoTime() + limitMillis * 1_000_000;
        while (!accepts(network, address)) {
            mustRun();
            if (System.nanoTime() > end) {
                throw new IOException(name + " did not listen on " + address + " within " + limitMillis
                        + " ms; its last words: " + DemoFolder.lastLines(log, LOG_LINES));
            }
            pause(POLL_MILLIS);
        }
    }

    /** Waits until the program has printed {@code text}. */
    void awaitSaid(String text, long limitMillis) throws IOException {
        long end = System.nanoTime() + limitMillis * 1_000_000;
        while (!Files.readString(log).contains(text)) {
            mustRun();
            if (System.nanoTime() > end) {
                throw new IOException(name + " did not start within " + limitMillis + " ms; its last words: "
                        + DemoFolder.lastLines(log, LOG_LINES));
            }
            pause(POLL_MILLIS);
        }
    }

    /** Ends the program as {@code kill -9} does. */
    void kill() {
        ProcessHandle program = Sandbox.innermost(process.toHandle());
        program.destroyForcibly();
        process.onExit().join();
    }

    /** Sleeps; an interrupt ends the demo's step. */
    static void pause(long millis) throws IOException {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", interrupted);
        }
    }

    private static boolean accepts(NetworkNamespace network, InetSocketAddress address) throws IOException {
        SocketChannel channel = network.call(SocketChannel::open);
        try (channel) {
            return channel.connect(address);
        } catch (IOException refused) {
            return false;
        }
    }
}
