package dev.warren.loadtest.demo;

import dev.warren.loadtest.sandbox.Sandbox;
import dev.warren.loadtest.sandbox.Shell;
import dev.warren.node.control.ControlClient;
import dev.warren.node.control.ControlReply;
import dev.warren.node.control.ControlRequest;
import dev.warren.node.control.NodeStatus;
import dev.warren.platform.config.UserError;
import dev.warren.platform.linux.NetworkNamespace;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One machine of the mesh in the demo: its own network, its own {@code /run} (so that the agents' sockets don't meet),
 * its own hosts file. A process that only sleeps holds it, so that commands can enter whether or not the agent runs.
 */
final class Machine implements AutoCloseable {
    private static final String HOLD =
            """
            mount -t tmpfs tmpfs /run && mount --bind "$1" /etc/hosts || exit 1
            echo ready
            exec sleep infinity
            """;

    private final String name;
    private final Path hosts;
    private final Path stateFolder;
    private final long processId;
    private final NetworkNamespace network;

    private Machine(String name, Path hosts, Path stateFolder, long processId, NetworkNamespace network) {
        this.name = name;
        this.hosts = hosts;
        this.stateFolder = stateFolder;
        this.processId = processId;
        this.network = network;
    }

    /** Starts the machine on the host of this name; its files lie in {@code folder}, and so does its process number. */
    static Machine start(String name, Internet internet, Path folder) throws IOException {
        Path hosts = Files.writeString(folder.resolve("hosts-" + name), "127.0.0.1 localhost " + name + "\n");
        Process holder = Shell.builder(
                        internet.on(name, List.of("unshare", "--mount", "sh", "-c", HOLD, "hold", hosts.toString())))
                .redirectErrorStream(true)
                .start();
        BufferedReader said = holder.inputReader(StandardCharsets.UTF_8);
        String line = said.readLine();
        if (!"ready".equals(line)) {
            throw new IOException("the machine " + name + " could not be made: " + line);
        }
        ProcessHandle sleeper = Sandbox.innermost(holder.toHandle());
        Files.writeString(folder.resolve("machine-" + name + ".pid"), Long.toString(sleeper.pid()));
        NetworkNamespace network = NetworkNamespace.enter(Path.of("/proc/" + sleeper.pid() + "/ns/net"));
        return new Machine(name, hosts, folder.resolve("state-" + name), sleeper.pid(), network);
    }

    String name() {
        return name;
    }

    /** The state folder of the agent on this machine. */
    Path stateFolder() {
        return stateFolder;
    }

    /** For sockets of this process on this machine. */
    NetworkNamespace network() {
        return network;
    }

    /** A command line that runs {@code command} on this machine. */
    List<String> on(List<String> command) {
        return Sandbox.enter(processId, command);
    }

    /** What the agent says about itself and its peers; null when it does not answer. */
    @Nullable
    NodeStatus status() {
        try (ControlClient client = ControlClient.connect(stateFolder)) {
            client.send(new ControlRequest.Status());
            return client.next() instanceof ControlReply.Status answer ? answer.status() : null;
        } catch (IOException | UserError notRunning) {
            return null;
        }
    }

    /** Makes the names of {@code peers} known on this machine; written in place, as the file is a mount. */
    void nameHosts(NodeStatus self, List<NodeStatus.Peer> peers) throws IOException {
        StringBuilder text = new StringBuilder("127.0.0.1 localhost\n");
        self.node()
                .addresses()
                .forEach(address ->
                        text.append(bare(address)).append(' ').append(name).append('\n'));
        for (NodeStatus.Peer peer : peers) {
            peer.addresses().forEach(address -> text.append(bare(address))
                    .append(' ')
                    .append(peer.name())
                    .append('\n'));
        }
        Files.writeString(hosts, text);
    }

    /** An address without the length of its prefix. */
    static String bare(String address) {
        int slash = address.indexOf('/');
        return slash < 0 ? address : address.substring(0, slash);
    }

    @Override
    public void close() {
        network.close();
    }
}
