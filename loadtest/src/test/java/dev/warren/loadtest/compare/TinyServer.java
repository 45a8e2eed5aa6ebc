package dev.warren.loadtest.compare;

import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.util.List;

/**
 * A server for tests, in a process of its own: it accepts connections on the port of its first argument. A connection
 * that sends an 'x' ends it with a last word; any other is closed at once. It ends by itself after 30 seconds.
 */
final class TinyServer {
    private static final int LIFE_MILLIS = 30_000;
    private static final int DIE = 'x';

    private TinyServer() {}

    public static void main(String... arguments) throws IOException {
        try (ServerSocket server =
                new ServerSocket(Integer.parseInt(arguments[0]), 50, InetAddress.ofLiteral("127.0.0.1"))) {
            server.setSoTimeout(LIFE_MILLIS);
            System.out.println("listening on " + arguments[0]);
            while (true) {
                try (Socket client = server.accept()) {
                    client.setSoTimeout(LIFE_MILLIS);
                    if (client.getInputStream().read() == DIE) {
                        System.out.println("out of memory, for example");
                        System.exit(7);
                    }
                }
            }
        }
    }

    /** The start of a command line for it, to be followed by the port. */
    static List<String> command() {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        return List.of(
                java,
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-cp",
                new File("target/test-classes").getAbsolutePath(),
                TinyServer.class.getName());
    }

    /** Connects to it, sends one byte, and waits until it closes the connection. */
    static void say(int port, int what) throws IOException {
        try (Socket socket = new Socket(InetAddress.ofLiteral("127.0.0.1"), port)) {
            socket.getOutputStream().write(what);
            while (socket.getInputStream().read() >= 0) {
                // It has nothing to say.
            }
        }
    }
}
