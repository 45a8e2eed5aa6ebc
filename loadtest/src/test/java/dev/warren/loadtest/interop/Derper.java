package dev.warren.loadtest.interop;

import dev.warren.protocol.testing.Requirements;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A stock derper on the loopback, without STUN and plain HTTP. */
final class Derper implements AutoCloseable {
    private final Process process;

    private Derper(Process process) {
        this.process = process;
    }

    /** Starts one and waits until it listens; key and log are kept in {@code folder}. */
    static Derper start(Path folder, int port, List<String> flags, Map<String, String> environment) throws Exception {
        Path program = Requirements.peer("derper");
        List<String> command = new ArrayList<>(List.of(
                program.toString(),
                "-c",
                folder.resolve("derper.key").toString(),
                "-a",
                "127.0.0.1:" + port,
                "-http-port",
                "-1",
                "-stun=false"));
        command.addAll(flags);
        Path log = folder.resolve("derper.log");
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
        builder.environment().putAll(environment);
        Process process = builder.start();
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while (!isListening(port)) {
            if (System.nanoTime() > deadline || !process.isAlive()) {
                process.destroyForcibly();
                throw new AssertionError("derper does not listen: " + Files.readString(log));
            }
            process.waitFor(20, TimeUnit.MILLISECONDS);
        }
        return new Derper(process);
    }

    /** Kills it. */
    void kill() {
        process.destroyForcibly();
    }

    @Override
    public void close() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    private static boolean isListening(int port) {
        try (var probe = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return probe.isConnected();
        } catch (IOException notYet) {
            return false;
        }
    }
}
