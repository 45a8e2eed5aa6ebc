package dev.warren.loadtest.demo;

import dev.warren.loadtest.sandbox.Shell;
import dev.warren.node.control.NodeStatus;
import dev.warren.protocol.key.NodePublicKey;
import java.io.IOException;
import java.net.InetAddress;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** What {@code wg show INTERFACE dump} prints, compared with what {@code warren status} says at the same time. */
final class WireGuardView {
    private static final String NONE = "(none)";
    private static final int PEER_COLUMNS = 8;

    /** One peer's line; addresses are sorted, a missing endpoint is "(none)". */
    private record Line(String endpoint, Set<String> allowedIps, long rxBytes, long txBytes) {}

    private WireGuardView() {}

    /**
     * Compares both views of {@code machine}'s peers: keys, endpoints (a relayed peer has none), allowed addresses, and
     * bytes, which lie between those of a status taken before and one taken after. Returns the number of peers.
     */
    static int compare(Machine machine) throws IOException {
        NodeStatus before = status(machine);
        String dump = Shell.run(machine.on(List.of("wg", "show", before.node().networkInterface(), "dump")));
        return compare(machine.name(), dump, before, status(machine));
    }

    /** Compares a dump with the statuses before and after it. */
    static int compare(String machine, String dump, NodeStatus before, NodeStatus after) throws IOException {
        Map<String, Line> lines = parse(dump);
        Map<String, NodeStatus.Peer> later = byKey(after);
        Map<String, NodeStatus.Peer> peers = byKey(before);
        if (!lines.keySet().equals(peers.keySet())) {
            throw new IOException("on " + machine + ", wg shows the peers " + lines.keySet() + " but warren status "
                    + peers.keySet());
        }
        for (Map.Entry<String, NodeStatus.Peer> entry : peers.entrySet()) {
            NodeStatus.Peer peer = entry.getValue();
            Line line = lines.getOrDefault(entry.getKey(), new Line(NONE, Set.of(), 0, 0));
            comparePeer(machine, line, peer, later.getOrDefault(entry.getKey(), peer));
        }
        return lines.size();
    }

    private static void comparePeer(String machine, Line line, NodeStatus.Peer before, NodeStatus.Peer after)
            throws IOException {
        String endpoint = before.path().equals("direct") ? String.valueOf(before.address()) : NONE;
        Set<String> addresses = new TreeSet<>();
        before.addresses().forEach(address -> addresses.add(canonical(address)));
        expect(machine, before, "endpoint", endpoint, line.endpoint());
        expect(machine, before, "allowed addresses", addresses, line.allowedIps());
        if (line.rxBytes() < before.rxBytes()
                || line.rxBytes() > after.rxBytes()
                || line.txBytes() < before.txBytes()
                || line.txBytes() > after.txBytes()) {
            throw new IOException("on " + machine + ", wg counts " + line.rxBytes() + " and " + line.txBytes()
                    + " bytes for " + before.name() + " but warren status " + before.rxBytes() + " and "
                    + before.txBytes());
        }
    }

    private static void expect(String machine, NodeStatus.Peer peer, String what, Object status, Object wg)
            throws IOException {
        if (!status.equals(wg)) {
            throw new IOException("on " + machine + ", the " + what + " of " + peer.name() + " is " + wg
                    + " for wg but " + status + " for warren status");
        }
    }

    /** The dump's first line is the interface; each other one a peer, columns separated by tabs (wg(8)). */
    private static Map<String, Line> parse(String dump) throws IOException {
        Map<String, Line> lines = new HashMap<>();
        for (String text : dump.lines().skip(1).toList()) {
            String[] columns = text.split("\t", -1);
            if (columns.length != PEER_COLUMNS) {
                throw new IOException("wg printed a line with " + columns.length + " columns: " + text);
            }
            Set<String> allowed = new TreeSet<>();
            for (String prefix : columns[3].split(",", -1)) {
                allowed.add(canonical(prefix));
            }
            lines.put(
                    columns[0], new Line(columns[2], allowed, Long.parseLong(columns[5]), Long.parseLong(columns[6])));
        }
        return lines;
    }

    /** An address or a block of one, written in one way: an IPv6 address has several. */
    private static String canonical(String prefix) {
        return InetAddress.ofLiteral(Machine.bare(prefix)).getHostAddress();
    }

    private static Map<String, NodeStatus.Peer> byKey(NodeStatus status) {
        Map<String, NodeStatus.Peer> peers = new HashMap<>();
        for (NodeStatus.Peer peer : status.peers()) {
            peers.put(NodePublicKey.parse(peer.nodeKey()).base64(), peer);
        }
        return peers;
    }

    private static NodeStatus status(Machine machine) throws IOException {
        NodeStatus status = machine.status();
        if (status == null) {
            throw new IOException("the agent on " + machine.name() + " does not answer");
        }
        return status;
    }
}
