package dev.warren.loadtest.wireguard;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;

/** A stream of known length over TCP: however long it takes, it comes to its end, or the way is broken. */
final class TcpStream {
    /** In a second on an idle machine. */
    private static final long LIMIT_NANOS = TimeUnit.SECONDS.toNanos(60);

    private TcpStream() {}

    /** Sends so many bytes to an address of {@code to}, and requires that all of them come. */
    static void carry(Place from, Place to, String address, int bytes) throws IOException {
        byte[] sent = new byte[bytes];
        new SplittableRandom(bytes).nextBytes(sent);
        long endNanos = System.nanoTime() + LIMIT_NANOS;
        InetAddress at = InetAddress.ofLiteral(address);
        try (ServerSocket server = to.end().network().call(() -> new ServerSocket(0, 1, at));
                Socket out = new Socket()) {
            from.end().network().call(() -> {
                out.connect(new InetSocketAddress(at, server.getLocalPort()), leftMillis(endNanos));
                return out;
            });
            server.setSoTimeout(leftMillis(endNanos));
            try (Socket in = server.accept()) {
                Thread.ofVirtual().start(() -> write(out, sent));
                assertArrayEquals(sent, read(in, bytes, endNanos));
            }
        }
    }

    private static void write(Socket out, byte[] bytes) {
        try {
            out.getOutputStream().write(bytes);
            out.shutdownOutput();
        } catch (IOException ended) {
            throw new UncheckedIOException(ended);
        }
    }

    /** A SocketTimeoutException when they take longer. */
    private static byte[] read(Socket in, int bytes, long endNanos) throws IOException {
        InputStream stream = in.getInputStream();
        byte[] read = new byte[bytes];
        int length = 0;
        int more = 0;
        while (length < bytes && more >= 0) {
            in.setSoTimeout(leftMillis(endNanos));
            more = stream.read(read, length, bytes - length);
            length += Math.max(0, more);
        }
        return Arrays.copyOf(read, length);
    }

    private static int leftMillis(long endNanos) {
        return (int) Math.max(1, TimeUnit.NANOSECONDS.toMillis(endNanos - System.nanoTime()));
    }
}
