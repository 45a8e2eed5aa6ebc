package dev.warren.loadtest.tunnel;

import dev.warren.loadtest.sandbox.Sandbox;
import dev.warren.loadtest.sandbox.Shell;
import dev.warren.platform.linux.NetworkNamespace;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/**
 * One end of a test bed: a network namespace, held by a process that sleeps. The end called left starts what there is to
 * start.
 */
public final class End implements AutoCloseable {
    /** What is left of an Ethernet's 1500 bytes for an inner packet over IPv6. */
    private static final int MTU_BYTES = 1420;

    private static final String HOLD =
            """
            mkdir -p /run/wireguard && ip link set lo up || exit 1
            echo ready
            exec sleep infinity
            """;

    private final int number;
    private final long processId;
    private final String cores;
    private final NetworkNamespace network;

    private End(int number, long processId, String cores, NetworkNamespace network) {
        this.number = number;
        this.processId = processId;
        this.cores = cores;
        this.network = network;
    }

    /** End {@code number}, 1 or 2, of a bed in {@code sandbox}; its programs are held to {@code cores}. */
    public static End open(Sandbox sandbox, int number, String cores) throws IOException {
        Process holder = Shell.builder(sandbox.inside(List.of("unshare", "--net", "sh", "-c", HOLD)))
                .redirectErrorStream(true)
                .start();
        BufferedReader said = holder.inputReader(StandardCharsets.UTF_8);
        String line = said.readLine();
        if (!"ready".equals(line)) {
            throw new IOException("no network namespace could be made for the test: " + line);
        }
        long sleeper = Sandbox.innermost(holder.toHandle()).pid();
        return new End(number, sleeper, cores, NetworkNamespace.enter(Path.of("/proc/" + sleeper + "/ns/net")));
    }

    /** A process inside, as this process sees its number. */
    public long processId() {
        return processId;
    }

    /** For sockets of this process at this end. */
    public NetworkNamespace network() {
        return network;
    }

    /** The address on the cable between the ends. */
    String outerAddress() {
        return "10.9.0." + number;
    }

    /** The address in the tunnel. */
    public String innerAddress() {
        return "10.9.1." + number;
    }

    /** The name of the WireGuard interface; the ends share one folder of sockets. */
    public String interfaceName() {
        return "wgt" + number;
    }

    /** Where {@code wg} finds an interface, as this process sees it. */
    Path uapiSocket(String name) {
        return Path.of("/proc", Long.toString(processId), "root", "run", "wireguard", name + ".sock");
    }

    /** A command line that runs {@code command} at this end, on its cores. */
    public List<String> on(List<String> command) {
        return Sandbox.enter(processId, Cores.hold(cores, command));
    }

    /** Runs a short command at this end and returns what it printed; the IOException says why it failed. */
    public String run(String... command) throws IOException {
        return Shell.run(on(List.of(command)));
    }

    /** Gives the interface all of {@code configuration}, in the form of {@code wg setconf}. */
    public void configure(String configuration) throws IOException {
        Shell.run(on(List.of("wg", "setconf", interfaceName(), "/dev/stdin")), configuration);
    }

    /** Adds peers, in the form of {@code wg addconf}. */
    void add(String peers) throws IOException {
        Shell.run(on(List.of("wg", "addconf", interfaceName(), "/dev/stdin")), peers);
    }

    /** Gives the interface its address and WireGuard's usual MTU, and brings it up. */
    void address() throws IOException {
        address(MTU_BYTES);
    }

    /** Gives the interface its address, and this MTU, and brings it up. */
    public void address(int mtuBytes) throws IOException {
        run("ip", "address", "replace", innerAddress() + "/24", "dev", interfaceName());
        run("ip", "link", "set", interfaceName(), "mtu", Integer.toString(mtuBytes), "up");
    }

    @Override
    public void close() {
        network.close();
    }
}
