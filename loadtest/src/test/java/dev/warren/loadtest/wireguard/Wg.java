package dev.warren.loadtest.wireguard;

import static org.junit.jupiter.api.Assertions.fail;

import dev.warren.protocol.key.NodePrivateKey;
import dev.warren.protocol.key.NodePublicKey;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * A WireGuard interface as {@code wg} sees it; {@code place} is where {@code wg} runs, and need not be where the
 * interface is.
 */
record Wg(Place place, String name) {
    private static final long AWAIT_NANOS = TimeUnit.SECONDS.toNanos(20);

    /** Something that can be asked of the interface. */
    @FunctionalInterface
    interface Condition {
        boolean holds() throws IOException, InterruptedException;
    }

    /** Bytes of WireGuard messages with one peer. */
    record Transfer(long received, long sent) {}

    /** Replaces all of the configuration. */
    void configure(String configuration) throws IOException {
        place.run("wg setconf " + name + " /dev/stdin", configuration);
    }

    /** Adds to the configuration. */
    void add(String configuration) throws IOException {
        place.run("wg addconf " + name + " /dev/stdin", configuration);
    }

    /** Changes a part of it, as {@code wg set} writes it. */
    void set(String words) throws IOException {
        place.run("wg set " + name + " " + words);
    }

    /** Changes a part of one peer's. */
    void set(NodePublicKey peer, String words) throws IOException {
        set("peer " + peer.base64() + " " + words);
    }

    /** Gives it another private key. */
    void setKey(NodePrivateKey key) throws IOException {
        place.run(
                "wg set " + name + " private-key /dev/stdin",
                Base64.getEncoder().encodeToString(key.bytes()) + "\n");
    }

    /** Says something that {@code wg} would not say to the interface's UAPI socket; the answer up to its empty line. */
    String ask(String request) throws IOException {
        String process = Long.toString(place.end().processId());
        Path socket = Path.of("/proc", process, "root", "run", "wireguard", name + ".sock");
        try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
            channel.write(StandardCharsets.US_ASCII.encode(request));
            StringBuilder answer = new StringBuilder();
            ByteBuffer buffer = ByteBuffer.allocate(4096);
            while (answer.indexOf("\n\n") < 0 && channel.read(buffer.clear()) >= 0) {
                answer.append(StandardCharsets.US_ASCII.decode(buffer.flip()));
            }
            return answer.toString();
        }
    }

    /** What {@code wg show} says of {@code field}. */
    String show(String field) throws IOException {
        return place.run("wg show " + name + " " + field).strip();
    }

    /** What {@code wg show} says of a peer, field by field; empty when there is no such peer. */
    List<String> show(String field, NodePublicKey peer) throws IOException {
        return show(field)
                .lines()
                .map(line -> List.of(line.split("\t", -1)))
                .filter(words -> words.getFirst().equals(peer.base64()))
                .map(words -> words.subList(1, words.size()))
                .findFirst()
                .orElse(List.of());
    }

    /** Where the peer is. */
    String endpoint(NodePublicKey peer) throws IOException {
        return show("endpoints", peer).getFirst();
    }

    /** What went to and fro. */
    Transfer transfer(NodePublicKey peer) throws IOException {
        List<String> words = show("transfer", peer);
        return new Transfer(Long.parseLong(words.getFirst()), Long.parseLong(words.getLast()));
    }

    /** When a handshake was last completed, in seconds of Unix time; 0 for never. */
    long lastHandshake(NodePublicKey peer) throws IOException {
        return Long.parseLong(show("latest-handshakes", peer).getFirst());
    }

    /** Waits until {@code condition} holds, 20 s at most. */
    static void await(String what, Condition condition) throws IOException, InterruptedException {
        long endNanos = System.nanoTime() + AWAIT_NANOS;
        while (!condition.holds()) {
            if (System.nanoTime() > endNanos) {
                fail("waited too long for " + what);
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
        }
    }
}
