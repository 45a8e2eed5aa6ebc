package dev.warren.loadtest.demo;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** One TCP connection through the mesh that carries random bytes one way; both ends take their SHA-256. */
final class Transfer {
    private static final int CHUNK_BYTES = 64 * 1024;
    private static final long SEED = 20_261_122;

    /**
     * What came of a transfer.
     *
     * @param bytes that arrived
     * @param durationNanos from the connection to the last byte
     * @param sent SHA-256 of what was sent, in hex
     * @param received SHA-256 of what arrived, in hex
     */
    record Outcome(long bytes, long durationNanos, String sent, String received) {
        double megabitsPerSecond() {
            return bytes * 8e3 / durationNanos;
        }
    }

    private Transfer() {}

    /** Sends {@code bytes} from one machine to the other's mesh address; an IOException when not done in time. */
    static Outcome run(Machine from, Machine to, String address, long bytes, Duration limit) throws IOException {
        ServerSocketChannel listener = to.network().call(ServerSocketChannel::open);
        SocketChannel client = from.network().call(SocketChannel::open);
        try (listener;
                client) {
            listener.bind(new InetSocketAddress(InetAddress.ofLiteral(address), 0));
            Executor threads =
                    task -> Thread.ofPlatform().daemon().name("transfer").start(task);
            CompletableFuture<String> received = CompletableFuture.supplyAsync(() -> receive(listener, bytes), threads);
            long start = System.nanoTime();
            CompletableFuture<String> sent = CompletableFuture.supplyAsync(
                    () -> send(client, (InetSocketAddress) localAddress(listener), bytes), threads);
            String receivedDigest = received.get(limit.toMillis(), TimeUnit.MILLISECONDS);
            long durationNanos = System.nanoTime() - start;
            return new Outcome(bytes, durationNanos, sent.get(limit.toMillis(), TimeUnit.MILLISECONDS), receivedDigest);
        } catch (TimeoutException late) {
            throw new IOException("not done within " + limit.toSeconds() + " s", late);
        } catch (ExecutionException failed) {
            Throwable cause = failed.getCause() == null ? failed : failed.getCause();
            throw new IOException(String.valueOf(cause.getMessage()), cause);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", interrupted);
        }
    }

    private static java.net.SocketAddress localAddress(ServerSocketChannel listener) {
        try {
            return listener.getLocalAddress();
        } catch (IOException closed) {
            throw new CompletionException(closed);
        }
    }

    private static String send(SocketChannel channel, InetSocketAddress to, long bytes) {
        MessageDigest digest = sha256();
        SplittableRandom random = new SplittableRandom(SEED);
        byte[] chunk = new byte[CHUNK_BYTES];
        try {
            channel.connect(to);
            OutputStream out = Channels.newOutputStream(channel);
            for (long left = bytes; left > 0; left -= Math.min(left, CHUNK_BYTES)) {
                int length = (int) Math.min(left, CHUNK_BYTES);
                random.nextBytes(chunk);
                digest.update(chunk, 0, length);
                out.write(chunk, 0, length);
            }
            channel.shutdownOutput();
        } catch (IOException failed) {
            throw new CompletionException(failed);
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    private static String receive(ServerSocketChannel listener, long bytes) {
        MessageDigest digest = sha256();
        byte[] chunk = new byte[CHUNK_BYTES];
        long total = 0;
        try (SocketChannel channel = listener.accept()) {
            InputStream in = Channels.newInputStream(channel);
            for (int read = in.read(chunk); read >= 0; read = in.read(chunk)) {
                digest.update(chunk, 0, read);
                total += read;
            }
        } catch (IOException failed) {
            throw new CompletionException(failed);
        }
        if (total != bytes) {
            throw new CompletionException(new IOException(total + " of " + bytes + " bytes arrived"));
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException impossible) {
            throw new AssertionError("every JDK has SHA-256", impossible);
        }
    }
}
