package dev.warren.loadtest.interop;

import dev.warren.platform.net.Transport;
import dev.warren.protocol.testing.Requirements;
import dev.warren.relay.RelayConfig;
import dev.warren.relay.RelayServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A relay on the loopback, in plaintext: ours or a stock derper.
 *
 * @param port its TCP port
 */
record RelayUnderTest(int port, AutoCloseable closing) implements AutoCloseable {
    static RelayUnderTest ours(Path folder) throws IOException {
        RelayConfig config = new RelayConfig(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                folder.resolve("ours.key"),
                null,
                new RelayConfig.Place("127.0.0.1", 900),
                null,
                null,
                new RelayConfig.Tuning(
                        Transport.AUTO, 2, RelayConfig.Tuning.standard().timing()));
        RelayServer relay = RelayServer.start(config);
        return new RelayUnderTest(relay.port(), relay);
    }

    /** A derper with these flags besides. */
    static RelayUnderTest derper(Path folder, String... flags) throws Exception {
        int port = freePort();
        List<String> command = new ArrayList<>(List.of(
                Requirements.peer("derper").toString(),
                "-c",
                folder.resolve("derper.key").toString(),
                "-a",
                "127.0.0.1:" + port,
                "-http-port",
                "-1",
                "-stun=false"));
        command.addAll(List.of(flags));
        Path log = folder.resolve("derper.log");
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while (!isListening(port)) {
            if (System.nanoTime() > deadline || !process.isAlive()) {
                process.destroyForcibly();
                throw new AssertionError("derper does not listen: " + Files.readString(log));
            }
            process.waitFor(20, TimeUnit.MILLISECONDS);
        }
        return new RelayUnderTest(port, () -> process.destroyForcibly().waitFor());
    }

    @Override
    public void close() throws Exception {
        closing.close();
    }

    private static boolean isListening(int port) {
        try (Socket probe = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return probe.isConnected();
        } catch (IOException notYet) {
            return false;
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return free.getLocalPort();
        }
    }
}
