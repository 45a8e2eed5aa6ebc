package dev.warren.loadtest.demo;

import dev.warren.loadtest.sandbox.Shell;
import dev.warren.node.control.NodeStatus;
import dev.warren.platform.config.SecretFile;
import dev.warren.platform.linux.NetworkNamespace;
import dev.warren.platform.tls.SelfSignedCertificate;
import dev.warren.protocol.coordination.JoinToken;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The programs of the demo: relay, STUN server, coordinator, and the agents of a, b, c and d, each a process of its own
 * on a machine of its own. Owned by the demo's main thread.
 */
final class Mesh implements AutoCloseable {
    /** The relay's region. */
    static final int REGION = 900;
    /** The coordinator's status page, on its own loopback. */
    static final InetSocketAddress STATUS_PAGE = new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 9090);

    static final List<String> NAMES = List.of("a", "b", "c", "d");

    private static final InetSocketAddress RELAY = new InetSocketAddress(InetAddress.ofLiteral(Internet.RELAY), 443);
    private static final String STUN = Internet.STUN + ":3478";
    private static final long START_LIMIT_MILLIS = 30_000;
    private static final long JOIN_LIMIT_MILLIS = 45_000;
    private static final long POLL_MILLIS = 50;

    private final Internet internet;
    private final Launcher launcher;
    private final Path folder;
    private final Map<String, Machine> machines = new LinkedHashMap<>();
    private final List<Service> services = new ArrayList<>();
    private final NetworkNamespace coordinatorNetwork;
    private final NetworkNamespace relayNetwork;
    private List<String> relayCommand = List.of();

    private Mesh(Internet internet, Launcher launcher, Path folder) throws IOException {
        this.internet = internet;
        this.launcher = launcher;
        this.folder = folder;
        this.coordinatorNetwork = NetworkNamespace.enter(internet.networkOf("coordinator"));
        this.relayNetwork = NetworkNamespace.enter(internet.networkOf("relay"));
    }

    /** Starts everything and waits until every node knows every other one. */
    static Mesh start(Internet internet, Launcher launcher, Path folder) throws IOException {
        Mesh mesh = new Mesh(internet, launcher, folder);
        mesh.startServers();
        mesh.startNodes();
        mesh.awaitJoined();
        mesh.nameHosts();
        return mesh;
    }

    Machine machine(String name) {
        Machine machine = machines.get(name);
        if (machine == null) {
            throw new IllegalArgumentException("the demo has no machine " + name);
        }
        return machine;
    }

    /** The network in which the status page listens. */
    NetworkNamespace coordinatorNetwork() {
        return coordinatorNetwork;
    }

    /** What each node says that answers. */
    Map<String, NodeStatus> statuses() {
        Map<String, NodeStatus> all = new LinkedHashMap<>();
        for (Machine machine : machines.values()) {
            NodeStatus status = machine.status();
            if (status != null) {
                all.put(machine.name(), status);
            }
        }
        return all;
    }

    /** Throws with the last words of a program that has ended. */
    void mustRun() throws IOException {
        for (Service service : services) {
            service.mustRun();
        }
    }

    /** Kills the relay. */
    void killRelay() {
        services.removeFirst().kill();
    }

    /** Starts the relay, after {@link #killRelay()} again; returns when it listens. */
    void startRelay() throws IOException {
        Service relay = Service.start("relay", relayCommand, folder);
        services.addFirst(relay);
        relay.awaitPort(relayNetwork, RELAY, START_LIMIT_MILLIS);
    }

    @Override
    public void close() {
        machines.values().forEach(Machine::close);
        coordinatorNetwork.close();
        relayNetwork.close();
    }

    /** The relay's certificate comes first, as the coordinator tells its pin; the coordinator's pin the relay needs. */
    private void startServers() throws IOException {
        Path certificate = folder.resolve("relay.crt");
        Path key = folder.resolve("relay.key");
        String relay = REGION + ":demo=" + Internet.RELAY + ":443,stun=" + STUN + ",pin="
                + SelfSignedCertificate.loadOrCreate(certificate, key, Internet.RELAY)
                        .pin();
        String data = folder.resolve("coordinator").toString();
        services.add(Service.start("stun", internet.on("stun", launcher.command("stun", "--listen", STUN)), folder));
        Service coordinator = Service.start(
                "coordinator",
                internet.on(
                        "coordinator",
                        launcher.command(
                                "coordinator",
                                "--listen",
                                Internet.COORDINATOR + ":8443",
                                "--public",
                                Internet.COORDINATOR + ":8443",
                                "--data-dir",
                                data,
                                "--relay",
                                relay,
                                "--ops-listen",
                                "127.0.0.1:" + STATUS_PAGE.getPort())),
                folder);
        services.add(coordinator);
        coordinator.awaitSaid("token create", START_LIMIT_MILLIS);
        String token = Shell.run(internet.on(
                "coordinator", launcher.command("coordinator", "token", "create", "--reusable", "--data-dir", data)));
        SecretFile.write(folder.resolve("token"), token);
        JoinToken parsed = JoinToken.decode(token);
        relayCommand = internet.on(
                "relay",
                launcher.command(
                        "relay",
                        "--listen",
                        Internet.RELAY + ":443",
                        "--hostname",
                        Internet.RELAY,
                        "--region",
                        Integer.toString(REGION),
                        "--tls-cert",
                        certificate.toString(),
                        "--tls-key",
                        key.toString(),
                        "--node-key",
                        folder.resolve("relay-node.key").toString(),
                        "--verify-url",
                        parsed.urls().getFirst() + "/v1/verify",
                        "--verify-pin",
                        parsed.pins().getFirst()));
        startRelay();
    }

    /** One after the other: four JVMs that start at once on two cores only make each other's first calls time out. */
    private void startNodes() throws IOException {
        for (String name : NAMES) {
            Machine machine = Machine.start(name, internet, folder);
            machines.put(name, machine);
            Service node = Service.start("node-" + name, machine.on(upCommand(machine)), folder);
            services.add(node);
            node.awaitSaid("up as " + name, START_LIMIT_MILLIS);
        }
    }

    private List<String> upCommand(Machine machine) {
        return launcher.command(
                "up",
                "--token-file",
                folder.resolve("token").toString(),
                "--state-dir",
                machine.stateFolder().toString(),
                "--hostname",
                machine.name());
    }

    private void awaitJoined() throws IOException {
        long end = System.nanoTime() + JOIN_LIMIT_MILLIS * 1_000_000;
        while (!allKnowAll()) {
            mustRun();
            if (System.nanoTime() > end) {
                throw new IOException("the nodes did not find each other within " + JOIN_LIMIT_MILLIS / 1000
                        + " s; what they know is " + statuses().values());
            }
            Service.pause(POLL_MILLIS);
        }
    }

    private boolean allKnowAll() {
        Map<String, NodeStatus> all = statuses();
        return all.size() == NAMES.size()
                && all.values().stream()
                        .allMatch(status -> status.node().homeRegion() != 0
                                && status.peers().size() == NAMES.size() - 1);
    }

    private void nameHosts() throws IOException {
        for (Machine machine : machines.values()) {
            NodeStatus status = machine.status();
            if (status != null) {
                machine.nameHosts(status, status.peers());
            }
        }
    }
}
