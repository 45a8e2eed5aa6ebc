package dev.warren.coordinator;

import dev.warren.coordinator.registry.RegisteredRelay;
import java.io.PrintWriter;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Relays as text: a line for each, and one below it with what is long. */
final class RelayTable {
    private static final String LINE = "%-8s %-12s %-28s %-9s %-6s %s%n";
    private static final double MILLIS_PER_SECOND = 1000;

    private RelayTable() {}

    static void print(List<RegisteredRelay> relays, PrintWriter out) {
        if (relays.isEmpty()) {
            out.println("no relay has registered itself");
            return;
        }
        out.printf(LINE, "relay", "region", "address", "capacity", "stun", "lease");
        for (RegisteredRelay relay : relays) {
            out.printf(
                    LINE,
                    relay.name(),
                    relay.region() + " " + relay.code(),
                    relay.host() + ":" + relay.port(),
                    Objects.requireNonNullElse(relay.capacity(), "any"),
                    Objects.requireNonNullElse(relay.stunPort(), "none"),
                    lease(relay));
            out.println("         "
                    + Stream.of(
                                    relay.ipv4(),
                                    relay.ipv6(),
                                    relay.pin(),
                                    relay.identity().shortText(),
                                    relay.software())
                            .filter(Objects::nonNull)
                            .collect(Collectors.joining("  ")));
        }
    }

    private static String lease(RegisteredRelay relay) {
        @Nullable Long left = relay.leaseEndsInMillis();
        return relay.out() == null && left != null
                ? "ends in " + Math.round(left / MILLIS_PER_SECOND) + " s"
                : "not in the map: " + relay.out();
    }
}
