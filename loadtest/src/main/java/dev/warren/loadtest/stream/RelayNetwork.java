package dev.warren.loadtest.stream;

import dev.warren.loadtest.measure.ListeningPorts;
import dev.warren.loadtest.sandbox.Shell;
import dev.warren.loadtest.tunnel.End;
import dev.warren.platform.config.UserError;
import dev.warren.platform.linux.NetworkNamespace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The network of the relay's process, which has to be one of its own: the cables to the ends are laid into it, and
 * nothing of them is left after {@link #close}. Each end reaches the relay's address and no other, so that what the ends
 * send each other has only the relay to go through.
 */
final class RelayNetwork implements AutoCloseable {
    /** Where both ends find the relay: an address on its loopback interface. */
    static final String ADDRESS = "10.8.0.1";

    private static final Logger LOG = LoggerFactory.getLogger(RelayNetwork.class);
    private static final String START =
            "unshare --net sh -c 'ip link set lo up && exec ./warren relay --plaintext --listen 0.0.0.0:3340'";

    private final long pid;
    private final NetworkNamespace network;
    private final List<List<String>> undo = new ArrayList<>();

    private RelayNetwork(long pid, NetworkNamespace network) {
        this.pid = pid;
        this.network = network;
    }

    /**
     * The network of process {@code pid}, which listens on {@code port} there. The UserError says what is wrong with it:
     * not there, in this machine's own network, not listening, or not on all addresses.
     */
    static RelayNetwork of(long pid, int port) throws IOException {
        Path file = Path.of("/proc/" + pid + "/ns/net");
        if (!Files.exists(Path.of("/proc/" + pid))) {
            throw new UserError("there is no process " + pid + ": give the relay's with --pid");
        }
        if (Files.readSymbolicLink(file).equals(Files.readSymbolicLink(Path.of("/proc/self/ns/net")))) {
            throw new UserError(
                    "process " + pid + " is in this machine's own network, where no cables are laid: start the"
                            + " relay in a network of its own, such as with: " + START);
        }
        if (!ListeningPorts.hasOnAllAddresses(pid, port)) {
            throw new UserError(
                    ListeningPorts.has(pid, port)
                            ? "the relay (process " + pid + ") listens on port " + port + " of one address only; let it"
                                    + " listen on all of its network, as 0.0.0.0:" + port
                            : "nobody listens on port " + port + " in the network of process " + pid
                                    + "; the target's port must be the relay's");
        }
        return new RelayNetwork(pid, NetworkNamespace.enter(file));
    }

    /** Runs {@code task} in this network; what it opens and whom it starts stays there. */
    <T> T call(Callable<T> task) throws IOException {
        return network.call(task);
    }

    /** Gives the relay its address, once, before any cable. */
    void address() throws IOException {
        run("ip", "address", "replace", ADDRESS + "/32", "dev", "lo");
        undo.add(List.of("ip", "address", "delete", ADDRESS + "/32", "dev", "lo"));
    }

    /** Lays a cable to {@code end}, number {@code number} from 1 on, and shows it the way to the relay's address only. */
    void connect(End end, int number) throws IOException {
        String name = "stream" + number;
        String here = "10.8." + number + ".1";
        String there = "10.8." + number + ".2";
        run("ip link add @ type veth peer name eth0 netns #"
                .replace("@", name)
                .replace("#", Long.toString(end.processId()))
                .split(" ", -1));
        undo.add(List.of("ip", "link", "delete", name));
        run("ip", "address", "add", here + "/30", "dev", name);
        run("ip", "link", "set", name, "mtu", "1500", "up");
        end.run("ip", "address", "add", there + "/30", "dev", "eth0");
        end.run("ip", "link", "set", "eth0", "mtu", "1500", "up");
        end.run("ip", "route", "add", ADDRESS + "/32", "via", here);
    }

    /** How many IP packets the kernel passed on here from one interface to another: past the relay (RFC 4293). */
    long forwardedPackets() throws IOException {
        List<String[]> lines = Files.readAllLines(Path.of("/proc/" + pid + "/net/snmp")).stream()
                .filter(line -> line.startsWith("Ip: "))
                .map(line -> line.split(" ", -1))
                .toList();
        int column = lines.isEmpty() ? -1 : Arrays.asList(lines.getFirst()).indexOf("ForwDatagrams");
        if (lines.size() != 2 || column < 0) {
            throw new IOException("the kernel does not say how many packets it forwards");
        }
        return Long.parseLong(lines.getLast()[column]);
    }

    private void run(String... command) throws IOException {
        network.call(() -> Shell.run(List.of(command)));
    }

    /** Takes the address and the cables away; where the relay's network has gone with the relay, so have they. */
    @Override
    public void close() {
        for (List<String> command : undo.reversed()) {
            try {
                network.call(() -> Shell.run(command));
            } catch (IOException gone) {
                LOG.debug("nothing to take away: {}", gone.getMessage());
            }
        }
        network.close();
    }
}
