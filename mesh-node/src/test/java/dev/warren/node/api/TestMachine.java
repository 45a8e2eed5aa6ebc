package dev.warren.node.api;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import dev.warren.platform.linux.Netlink;
import dev.warren.platform.linux.NetworkNamespace;
import dev.warren.protocol.testing.Pings;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** A network namespace for a test, and a folder that its programs see as {@code /var/run/wireguard}. */
final class TestMachine implements AutoCloseable {
    private static final long AWAIT_NANOS = TimeUnit.SECONDS.toNanos(60);
    private static final String WITH_FOLDER = "mount -t tmpfs none /run && mkdir -p /run/wireguard"
            + " && mount --bind \"$0\" /run/wireguard && exec \"$@\"";

    final NetworkNamespace namespace;
    final Netlink netlink;
    final Path sockets;
    private final List<Process> launched = new ArrayList<>();

    TestMachine(Path sockets) throws IOException {
        this.sockets = Files.createDirectories(sockets);
        namespace = NetworkNamespace.create();
        netlink = namespace.call(Netlink::open);
        netlink.bringUp("lo", 65536);
    }

    /** Lays a cable: {@code mine} on {@code device} here, {@code theirs} on a device of that name there. */
    void connect(TestMachine other, String device, String mine, String theirs)
            throws IOException, InterruptedException {
        run("ip link add " + device + " type veth peer name " + device + " netns " + other.namespace.threadId());
        netlink.bringUp(device, 1500);
        other.netlink.bringUp(device, 1500);
        netlink.addAddress(device, InetAddress.ofLiteral(mine), 24);
        other.netlink.addAddress(device, InetAddress.ofLiteral(theirs), 24);
    }

    /** Runs {@code task} on a thread of this machine's network. */
    <T> T inside(Callable<T> task) throws IOException {
        return namespace.call(task);
    }

    void create(TunnelManager tunnels, InterfaceConfig config) throws IOException {
        inside(() -> {
            tunnels.create(config);
            return true;
        });
    }

    /** Starts a program, which ends with this machine at the latest. */
    Process launch(String command) throws IOException {
        return launch(List.of(command.split(" ")));
    }

    /** The same for a command whose words may have spaces. */
    Process launch(List<String> command) throws IOException {
        List<String> all = new ArrayList<>(List.of("unshare", "--mount", "sh", "-c", WITH_FOLDER, sockets.toString()));
        all.addAll(command);
        Process process =
                inside(() -> new ProcessBuilder(all).redirectErrorStream(true).start());
        launched.add(process);
        return process;
    }

    /** Runs a program, which has to succeed; gives what it printed. */
    String run(String command) throws IOException, InterruptedException {
        return run(List.of(command.split(" ")));
    }

    /** Requires that every one of so many pings is answered. */
    void ping(int count, String address) throws IOException, InterruptedException {
        run(Pings.oneByOne(count, List.of(address)));
    }

    private String run(List<String> command) throws IOException, InterruptedException {
        Process process = launch(command);
        String output = new String(process.getInputStream().readAllBytes(), UTF_8);
        assertEquals(0, process.waitFor(), String.join(" ", command) + ": " + output);
        return output;
    }

    /** Whether one ping is answered within a second. */
    boolean reaches(String address) {
        try {
            Process ping = launch("ping -c 1 -W 1 " + address);
            ping.getInputStream().readAllBytes();
            return ping.waitFor() == 0;
        } catch (IOException failed) {
            throw new AssertionError(failed);
        } catch (InterruptedException interrupted) {
            throw new AssertionError(interrupted);
        }
    }

    /** Waits until the condition holds. */
    static void await(String what, Callable<Boolean> condition) throws Exception {
        long deadlineNanos = System.nanoTime() + AWAIT_NANOS;
        while (!condition.call()) {
            if (System.nanoTime() > deadlineNanos) {
                fail("waited too long for " + what);
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
        }
    }

    @Override
    public void close() {
        launched.forEach(Process::destroyForcibly);
        netlink.close();
        namespace.close();
    }
}
