package dev.warren.node.cli;

import dev.warren.node.control.NodeStatus;
import dev.warren.platform.crypto.CipherChoice;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A node's status as a table for people. */
final class StatusTable {
    private static final List<String> HEADINGS =
            List.of("PEER", "ADDRESS", "PATH", "LATENCY", "HANDSHAKE", "RECEIVED", "SENT");
    private static final String[] BYTE_UNITS = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};

    private StatusTable() {}

    /** The table, each line ended by a line feed. */
    static String render(NodeStatus status) {
        StringBuilder out = new StringBuilder();
        NodeStatus.Self self = status.node();
        line(out, "node", self.name() + "  " + String.join("  ", self.addresses()));
        line(out, "interface", self.networkInterface() + ", UDP port " + self.listenPort());
        line(out, "key", self.nodeKey());
        line(out, "home relay", self.homeRegion() == 0 ? "none yet" : "region " + self.homeRegion());
        line(out, "reachable at", self.endpoints().isEmpty() ? "unknown yet" : String.join("  ", self.endpoints()));
        line(out, "coordinator", self.coordinator());
        line(out, "cipher", cipher(self.aead(), self.aeadNanosPerPacket()));
        if (!self.offloads().isEmpty()) {
            line(out, "offloads", offloads(self.offloads()));
        }
        if (!status.drops().isEmpty()) {
            line(out, "dropped", drops(status.drops()));
        }
        out.append('\n');
        if (status.peers().isEmpty()) {
            return out.append("No peers yet: join another machine with the same kind of token.\n")
                    .toString();
        }
        List<List<String>> rows = new ArrayList<>();
        rows.add(HEADINGS);
        for (NodeStatus.Peer peer : status.peers()) {
            rows.add(row(peer));
        }
        return table(rows, out).toString();
    }

    private static String drops(Map<String, Long> drops) {
        return drops.entrySet().stream()
                .map(drop -> drop.getKey().replace('_', ' ') + " " + drop.getValue())
                .collect(Collectors.joining(", "));
    }

    private static List<String> row(NodeStatus.Peer peer) {
        return List.of(
                peer.online() ? peer.name() : peer.name() + " (offline)",
                peer.addresses().isEmpty() ? "-" : peer.addresses().getFirst(),
                path(peer),
                latency(peer.latencyMillis()),
                age(peer.handshakeAgeSeconds()),
                bytes(peer.rxBytes()),
                bytes(peer.txBytes()));
    }

    private static String path(NodeStatus.Peer peer) {
        return switch (peer.path()) {
            case "direct", "udp-relay" -> peer.address() == null ? peer.path() : peer.path() + " " + peer.address();
            case "relay" -> "relay " + peer.relayRegion();
            case String other -> other;
        };
    }

    /** The cipher with its figure: nanoseconds for a packet of 1420 bytes, and what that would be in a second. */
    static String cipher(String name, @Nullable Double nanosPerPacket) {
        return nanosPerPacket == null
                ? name + ", not measured yet"
                : String.format(
                        Locale.ROOT,
                        "%s, %.0f ns for a packet of %d bytes (%.0f MB/s)",
                        name,
                        nanosPerPacket,
                        CipherChoice.MEASURED_BYTES,
                        CipherChoice.MEASURED_BYTES * 1000 / nanosPerPacket);
    }

    /** Those in use, and behind them the others, each with the reason. */
    static String offloads(Map<String, String> offloads) {
        List<String> on = new ArrayList<>();
        List<String> off = new ArrayList<>();
        offloads.forEach((name, state) -> {
            if (state.equals("on")) {
                on.add(name);
            } else {
                off.add("no " + name + " (" + state + ")");
            }
        });
        on.addAll(off);
        return String.join(", ", on);
    }

    private static void line(StringBuilder out, String name, String value) {
        out.append(String.format(Locale.ROOT, "%-13s %s%n", name, value));
    }

    /** Appends rows of equal length, the headings first, in columns. */
    static StringBuilder table(List<List<String>> rows, StringBuilder out) {
        int[] widths = new int[rows.getFirst().size()];
        for (List<String> row : rows) {
            for (int i = 0; i < widths.length; i++) {
                widths[i] = Math.max(widths[i], row.get(i).length());
            }
        }
        for (List<String> row : rows) {
            StringBuilder text = new StringBuilder();
            for (int i = 0; i < widths.length; i++) {
                text.append(row.get(i)).repeat(' ', widths[i] - row.get(i).length() + 2);
            }
            out.append(text.toString().stripTrailing()).append('\n');
        }
        return out;
    }

    static String latency(@Nullable Double millis) {
        return millis == null ? "-" : String.format(Locale.ROOT, millis < 10 ? "%.2f ms" : "%.1f ms", millis);
    }

    static String age(@Nullable Double seconds) {
        if (seconds == null) {
            return "never";
        }
        long whole = Math.round(seconds);
        if (whole < 60) {
            return whole + " s ago";
        }
        return whole < 3600
                ? whole / 60 + " min " + whole % 60 + " s ago"
                : whole / 3600 + " h " + whole % 3600 / 60 + " min ago";
    }

    static String bytes(long count) {
        double value = count;
        int unit = 0;
        while (value >= 1024 && unit < BYTE_UNITS.length - 1) {
            value /= 1024;
            unit++;
        }
        return unit == 0 ? count + " B" : String.format(Locale.ROOT, "%.1f %s", value, BYTE_UNITS[unit]);
    }
}
