package dev.warren.loadtest.stream;

import dev.warren.loadtest.sandbox.Shell;
import dev.warren.loadtest.tunnel.End;
import dev.warren.loadtest.tunnel.OurPrograms;
import dev.warren.node.control.ControlClient;
import dev.warren.node.control.ControlReply;
import dev.warren.node.control.ControlRequest;
import dev.warren.node.control.NodeStatus;
import dev.warren.platform.config.SecretFile;
import dev.warren.platform.config.UserError;
import dev.warren.protocol.derp.DerpRegion;
import dev.warren.protocol.derp.RelaySpec;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/** Two agents as a user starts them, {@code warren up}, and the coordinator that makes them known to each other. */
final class AgentPair implements Pair {
    private static final String COORDINATOR = RelayNetwork.ADDRESS + ":41443";
    /** What the agent's status calls the way over DERP. */
    private static final String DERP_PATH = "relay";
    /** And the one over the relay's UDP port. */
    private static final String UDP_PATH = "udp-relay";

    private final StreamBed bed;
    private final OurPrograms programs;
    private final Path folder;
    private final List<Program> running = new ArrayList<>();
    /** Those of them that are the pair, by their names, the left one first. */
    private final Map<String, Program> agents = new LinkedHashMap<>();

    private final String path;
    private long[] pids = {};
    private String address = "";

    private AgentPair(StreamBed bed, OurPrograms programs, boolean udpRelay, Path folder) {
        this.path = udpRelay ? UDP_PATH : DERP_PATH;
        this.bed = bed;
        this.programs = programs;
        this.folder = folder;
    }

    /** Starts all three; the agents know each other when this returns. */
    static AgentPair start(StreamBed bed, OurPrograms programs, DerpRegion region, Path folder)
            throws IOException, InterruptedException {
        boolean udpRelay = region.relays().getFirst().udpRelay() != null;
        AgentPair pair = new AgentPair(bed, programs, udpRelay, folder);
        try {
            if (udpRelay) {
                pair.startStun();
            }
            String token = pair.startCoordinator(region);
            Program left = pair.startAgent("left", bed.left(), token);
            Program right = pair.startAgent("right", bed.right(), token);
            left.awaitSaid("up as left");
            right.awaitSaid("up as right");
            pair.pids = new long[] {left.pid(), right.pid()};
            NodeStatus.Peer seen = left.await("did not find the other agent", () -> pair.peerAtHome("left"));
            right.await("did not find the other agent", () -> pair.peerAtHome("right"));
            pair.address = bare(seen.addresses().getFirst());
            return pair;
        } catch (IOException | RuntimeException | InterruptedException failed) {
            pair.close();
            throw failed;
        }
    }

    private void startStun() throws IOException, InterruptedException {
        Path log = folder.resolve("stun.log");
        String listen = RelayNetwork.ADDRESS + ":" + RelayEntry.STUN_PORT;
        List<String> command = programs.stun("--listen", listen, "--ops-listen", "127.0.0.1:0");
        Program stun = new Program("the STUN server", bed.startBesideRelay(command, log), log);
        running.add(stun);
        stun.awaitSaid("STUN on");
    }

    /** Returns a token to join with. */
    private String startCoordinator(DerpRegion region) throws IOException, InterruptedException {
        String data = folder.resolve("coordinator").toString();
        Path log = folder.resolve("coordinator.log");
        String relay = RelaySpec.format(region, region.relays().getFirst());
        Program coordinator = new Program(
                "the coordinator",
                bed.startBesideRelay(
                        programs.coordinator(
                                "--listen",
                                COORDINATOR,
                                "--public",
                                COORDINATOR,
                                "--data-dir",
                                data,
                                "--relay",
                                relay,
                                "--ops-listen",
                                "127.0.0.1:0"),
                        log),
                log);
        running.add(coordinator);
        coordinator.awaitSaid("token create");
        return Shell.run(programs.coordinator("token", "create", "--reusable", "--data-dir", data))
                .strip();
    }

    private Program startAgent(String name, End end, String token) throws IOException {
        Path log = folder.resolve(name + ".log");
        Path tokenFile = folder.resolve("token");
        SecretFile.write(tokenFile, token);
        List<String> command = end.on(programs.node(
                "up",
                "--state-dir",
                stateFolder(name).toString(),
                "--token-file",
                tokenFile.toString(),
                "--interface",
                end.interfaceName(),
                "--hostname",
                name));
        Program agent = new Program("the agent " + name, Shell.start(command, log), log);
        running.add(agent);
        agents.put(name, agent);
        return agent;
    }

    /** The other agent, once {@code name} has a home at the relay where it can be found. */
    private NodeStatus.@Nullable Peer peerAtHome(String name) throws IOException {
        NodeStatus status = status(name);
        return status == null ? null : peerAtHome(status);
    }

    private static NodeStatus.@Nullable Peer peerAtHome(NodeStatus status) {
        if (status.node().homeRegion() == 0 || status.peers().size() != 1) {
            return null;
        }
        return status.peers().getFirst();
    }

    private @Nullable NodeStatus status(String name) throws IOException {
        try (ControlClient client = ControlClient.connect(stateFolder(name))) {
            client.send(new ControlRequest.Status());
            return client.next() instanceof ControlReply.Status answer ? answer.status() : null;
        } catch (UserError notYet) {
            return null;
        }
    }

    private Path stateFolder(String name) {
        return folder.resolve("state-" + name);
    }

    private static String bare(String prefix) {
        return prefix.substring(0, prefix.indexOf('/') < 0 ? prefix.length() : prefix.indexOf('/'));
    }

    @Override
    public void settle() throws IOException, InterruptedException {
        for (Map.Entry<String, Program> agent : agents.entrySet()) {
            agent.getValue()
                    .await("did not find the way \"" + path + "\"", () -> isOnPath(agent.getKey()) ? path : null);
        }
    }

    private boolean isOnPath(String name) throws IOException {
        NodeStatus.Peer peer = peerAtHome(name);
        return peer != null && peer.path().equals(path);
    }

    @Override
    public String address() {
        return address;
    }

    @Override
    public long[] pids() {
        return LongStream.of(pids).toArray();
    }

    @Override
    public Counts counts() throws IOException {
        long relayed = 0;
        long before = 0;
        long behind = 0;
        for (String name : agents.keySet()) {
            NodeStatus status = status(name);
            NodeStatus.Peer peer = status == null ? null : peerAtHome(status);
            if (status == null || peer == null || !peer.path().equals(path)) {
                throw new IOException("the agent " + name + " does not reach the other one by the way \"" + path
                        + "\", but by: " + (peer == null ? "nothing" : peer.path()));
            }
            relayed = peer.rxBytes();
            for (Map.Entry<String, Long> drop : status.drops().entrySet()) {
                before += drop.getKey().startsWith("to_relay_") ? drop.getValue() : 0;
            }
            behind += status.drops().getOrDefault("relay_overflow", 0L);
        }
        return new Counts(relayed, before, behind);
    }

    @Override
    public void close() {
        running.reversed().forEach(Program::close);
        running.clear();
    }
}
