package dev.warren.node.tunnel;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.warren.platform.linux.Netlink;
import dev.warren.platform.linux.NetworkNamespace;
import dev.warren.platform.linux.Offloads;
import dev.warren.platform.linux.TunDevice;
import dev.warren.platform.linux.UdpOptions;
import dev.warren.platform.linux.UdpPair;
import dev.warren.protocol.testing.Pings;
import dev.warren.protocol.wireguard.IpPrefix;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** A machine of its own for a test: a network namespace with a TUN device and a datapath. */
final class TestHost implements AutoCloseable {
    static final String TUNNEL = "wtest0";

    final NetworkNamespace namespace;
    final Netlink netlink;
    final Datapath datapath;

    private TestHost(NetworkNamespace namespace, Netlink netlink, Datapath datapath) {
        this.namespace = namespace;
        this.netlink = netlink;
        this.datapath = datapath;
    }

    /** A host whose tunnel has {@code inner} and routes 100.64.0.0/10. */
    static TestHost create(String inner, int mtuBytes, UdpOptions options) throws IOException {
        return create(inner, mtuBytes, options, Offloads.ALL);
    }

    /** The same with not more than these. */
    static TestHost create(String inner, int mtuBytes, UdpOptions options, Offloads offloads) throws IOException {
        OffloadSwitches switches = new OffloadSwitches(offloads, Offloads.ALL);
        NetworkNamespace namespace = NetworkNamespace.create();
        Netlink netlink = namespace.call(Netlink::open);
        netlink.bringUp("lo", 65536);
        TunDevice tun = namespace.call(() -> TunDevice.open(TUNNEL, switches.forTun()));
        netlink.bringUp(TUNNEL, mtuBytes);
        netlink.addAddress(TUNNEL, InetAddress.ofLiteral(inner), 32);
        netlink.addRoute(IpPrefix.parse("100.64.0.0/10"), TUNNEL);
        UdpPair sockets = namespace.call(() -> UdpPair.open(0, options));
        // Inside, as it opens sockets of its own for handshakes.
        Datapath datapath = namespace.call(() -> Datapath.open(tun, sockets, DatapathLimits.DEFAULT, switches));
        return new TestHost(namespace, netlink, datapath);
    }

    /** Connects two hosts by a cable: 192.0.2.1 here, 192.0.2.2 there. */
    void connect(TestHost other) throws IOException, InterruptedException {
        run("ip link add eth0 type veth peer name eth0 netns " + other.namespace.threadId());
        netlink.bringUp("eth0", 1500);
        other.netlink.bringUp("eth0", 1500);
        netlink.addAddress("eth0", InetAddress.ofLiteral("192.0.2.1"), 24);
        other.netlink.addAddress("eth0", InetAddress.ofLiteral("192.0.2.2"), 24);
        awaitCarrier();
        other.awaitCarrier();
    }

    /** The kernel notices up to a second later that both ends are up, and drops what is sent before. */
    private void awaitCarrier() throws IOException, InterruptedException {
        while (!run("ip -o link show eth0").contains("state UP")) {
            Thread.onSpinWait();
        }
    }

    /** Starts a program inside. */
    Process launch(String command) throws IOException {
        return launch(List.of(command.split(" ")));
    }

    private Process launch(List<String> command) throws IOException {
        return namespace.call(
                () -> new ProcessBuilder(command).redirectErrorStream(true).start());
    }

    /** Runs a program inside, which has to succeed; gives what it printed. */
    String run(String command) throws IOException, InterruptedException {
        return run(List.of(command.split(" ")));
    }

    /** Requires that every one of so many pings is answered. */
    void ping(int count, String... arguments) throws IOException, InterruptedException {
        run(Pings.oneByOne(count, List.of(arguments)));
    }

    private String run(List<String> command) throws IOException, InterruptedException {
        Process process = launch(command);
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), String.join(" ", command) + ": " + output);
        return output;
    }

    @Override
    public void close() {
        datapath.close();
        netlink.close();
        namespace.close();
    }
}
