package dev.warren.loadtest.interop;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import dev.warren.platform.linux.Netlink;
import dev.warren.platform.linux.NetworkNamespace;
import dev.warren.protocol.testing.Pings;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * A machine of its own for one end of a tunnel: a network namespace, and a folder that its programs see as {@code
 * /var/run/wireguard}.
 */
final class Host implements AutoCloseable {
    private static final long AWAIT_NANOS = TimeUnit.SECONDS.toNanos(20);
    private static final String WITH_FOLDER = "mount -t tmpfs none /run && mkdir -p /run/wireguard"
            + " && mount --bind \"$0\" /run/wireguard && exec \"$@\"";

    final NetworkNamespace namespace;
    final Netlink netlink;
    final Path sockets;
    private final List<Process> started = new ArrayList<>();

    Host(Path sockets) throws IOException {
        this.sockets = Files.createDirectories(sockets);
        namespace = NetworkNamespace.create();
        netlink = namespace.call(Netlink::open);
        netlink.bringUp("lo", 65536);
    }

    /** Connects two hosts by a cable. */
    void connect(Host other, String mine, String theirs) throws IOException, InterruptedException {
        run("ip", "link", "add", "eth0", "type", "veth", "peer", "name", "eth0", "netns", other.thread());
        netlink.bringUp("eth0", 1500);
        other.netlink.bringUp("eth0", 1500);
        netlink.addAddress("eth0", InetAddress.ofLiteral(mine), 24);
        other.netlink.addAddress("eth0", InetAddress.ofLiteral(theirs), 24);
    }

    private String thread() {
        return Integer.toString(namespace.threadId());
    }

    /** Starts a program, which ends with this host at the latest. */
    Process launch(String... command) throws IOException {
        List<String> all = new ArrayList<>(List.of("unshare", "--mount", "sh", "-c", WITH_FOLDER, sockets.toString()));
        all.addAll(List.of(command));
        Process process = namespace.call(
                () -> new ProcessBuilder(all).redirectErrorStream(true).start());
        started.add(process);
        return process;
    }

    /** Runs a program, which has to succeed; gives what it printed. */
    String run(String... command) throws IOException, InterruptedException {
        Process process = launch(command);
        String output = new String(process.getInputStream().readAllBytes(), UTF_8);
        assertEquals(0, process.waitFor(), String.join(" ", command) + ": " + output);
        return output;
    }

    /** Requires that every one of so many pings is answered. */
    void ping(int count, String address) throws IOException, InterruptedException {
        run(Pings.oneByOne(count, List.of(address)).toArray(String[]::new));
    }

    /** Starts iperf3's server for one test, and returns when it listens. */
    void serveIperf(String address) throws IOException {
        BufferedReader lines =
                launch("iperf3", "-s", "-1", "--forceflush", "-B", address).inputReader(UTF_8);
        String line = lines.readLine();
        while (line != null && !line.contains("listening")) {
            line = lines.readLine();
        }
        if (line == null) {
            fail("iperf3's server ended at once");
        }
    }

    /** Waits until the condition holds. */
    static void await(String what, BooleanSupplier condition) {
        long deadlineNanos = System.nanoTime() + AWAIT_NANOS;
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadlineNanos) {
                fail("waited too long for " + what);
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
        }
    }

    @Override
    public void close() {
        for (Process process : started) {
            process.destroyForcibly();
        }
        netlink.close();
        namespace.close();
    }
}
