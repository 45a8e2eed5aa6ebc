package dev.warren.loadtest.stream;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.warren.loadtest.measure.ListeningPorts;
import dev.warren.platform.linux.NetworkNamespace;
import dev.warren.protocol.testing.FreePort;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Our relay as a program of its own in a network of its own. */
final class LonelyRelay implements AutoCloseable {
    private static final int OPS_PORT = 9443;

    final int port;
    private final Process process;

    private LonelyRelay(int port, Process process) {
        this.port = port;
        this.process = process;
    }

    /** Starts one that listens on {@code address}; what it says is kept in {@code folder}. */
    static LonelyRelay start(Path folder, String address, String... options) throws Exception {
        int port = FreePort.next();
        List<String> command = new ArrayList<>(List.of(
                "unshare",
                "--net",
                "sh",
                "-c",
                "PATH=$PATH:/usr/sbin:/sbin; ip link set lo up && exec \"$0\" \"$@\"",
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-cp",
                System.getProperty("java.class.path"),
                "dev.warren.relay.RelayMain",
                "--listen",
                address + ":" + port,
                "--ops-listen",
                "127.0.0.1:" + OPS_PORT,
                "--node-key",
                folder.resolve("relay.key").toString()));
        command.addAll(List.of(options));
        Path log = folder.resolve("relay.log");
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        LonelyRelay relay = new LonelyRelay(port, process);
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (!ListeningPorts.has(relay.pid(), port)) {
            if (System.nanoTime() > deadline || process.waitFor(20, TimeUnit.MILLISECONDS)) {
                relay.close();
                throw new AssertionError("the relay does not listen: " + Files.readString(log));
            }
        }
        return relay;
    }

    long pid() {
        return process.pid();
    }

    /** A socket or whatever else in the relay's network. */
    <T> T inside(java.util.concurrent.Callable<T> task) throws IOException {
        try (NetworkNamespace network = NetworkNamespace.enter(Path.of("/proc/" + pid() + "/ns/net"))) {
            return network.call(task);
        }
    }

    /** The relay's metrics, as Prometheus would read them. */
    String metrics() throws IOException {
        return inside(() -> {
            try (Socket socket = new Socket(InetAddress.ofLiteral("127.0.0.1"), OPS_PORT)) {
                socket.getOutputStream()
                        .write("GET /metrics HTTP/1.1\r\nHost: relay\r\nConnection: close\r\n\r\n".getBytes(UTF_8));
                return new String(socket.getInputStream().readAllBytes(), UTF_8);
            }
        });
    }

    @Override
    public void close() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }
}
