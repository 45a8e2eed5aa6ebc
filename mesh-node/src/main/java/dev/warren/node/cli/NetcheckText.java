package dev.warren.node.cli;

import dev.warren.node.control.ControlCodec;
import dev.warren.node.netcheck.NetcheckReport;
import dev.warren.node.netcheck.NetcheckReport.PortMapping;
import dev.warren.node.netcheck.NetcheckReport.Reach;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A report for people, and for programs. */
final class NetcheckText {
    private static final int MAX_MAPPED = 3;

    private NetcheckText() {}

    /** Indented JSON, ended by a line feed. */
    static String json(NetcheckReport report) {
        return ControlCodec.pretty(report) + "\n";
    }

    /** The report as lines, each ended by a line feed. */
    static String render(NetcheckReport report) {
        StringBuilder out = new StringBuilder();
        line(out, "UDP", udp(report));
        line(out, "IPv4", family(report.ipv4(), "IPv4"));
        line(out, "IPv6", family(report.ipv6(), "IPv6"));
        nat(report.nat(), out);
        if (report.portMapping().isEmpty()) {
            line(out, "port mapping", "unknown: no default router on the way to these servers");
        }
        report.portMapping().forEach(router -> line(out, "port mapping", portMapping(router)));
        line(out, "captive portal", portal(report.captivePortal()));
        line(out, "home relay", preferred(report));
        report.problems().forEach(problem -> line(out, "problem", problem));
        tables(report, out);
        return out.toString();
    }

    private static void line(StringBuilder out, String name, String value) {
        out.append(String.format(Locale.ROOT, "%-15s %s%n", name, value));
    }

    private static String udp(NetcheckReport report) {
        if (report.udp()) {
            return "works";
        }
        Set<Reach> reach = EnumSet.of(report.ipv4().reach(), report.ipv6().reach());
        if (reach.contains(Reach.SILENT)) {
            return "blocked: no STUN server answered";
        }
        return reach.contains(Reach.CANNOT_SEND)
                ? "none: this machine has no way to a STUN server"
                : "unknown: no STUN server to ask";
    }

    private static String family(NetcheckReport.Family family, String name) {
        return switch (family.reach()) {
            case YES -> "works, seen as " + some(family.mapped());
            case SILENT -> "no answer";
            case CANNOT_SEND -> "none: this machine has no route for " + name + ", or its own firewall forbids it";
            case NOT_ASKED -> "unknown: no STUN server has an address of " + name;
        };
    }

    /** A symmetric NAT gives as many addresses as there are servers: the first ones tell enough. */
    private static String some(List<String> mapped) {
        int shown = Math.min(MAX_MAPPED, mapped.size());
        String more = mapped.size() > shown ? " and " + (mapped.size() - shown) + " more" : "";
        return String.join(" and ", mapped.subList(0, shown)) + more;
    }

    private static void nat(NetcheckReport.Nat nat, StringBuilder out) {
        if (nat.present() == null) {
            line(out, "NAT", "unknown: no STUN server answered");
            return;
        }
        line(out, "NAT", nat.present() ? "yes" : "none: servers see an address of this machine");
        line(out, "  mapping", mapping(nat.mapping()));
        line(out, "  filtering", filtering(nat.filtering()));
        line(out, "  hairpinning", nat.hairpinning() == null ? "unknown" : yesNo(nat.hairpinning()));
    }

    private static String mapping(@Nullable String kind) {
        return switch (kind) {
            case "endpoint-independent" -> kind + ": every destination sees the same address";
            case "address-dependent" -> kind + ": each destination address sees another address";
            case "address-and-port-dependent" -> kind + ": each destination sees another address";
            case null -> "unknown: only one address of a STUN server answered";
            default -> kind + ": not every destination sees the same address";
        };
    }

    private static String filtering(@Nullable String kind) {
        return switch (kind) {
            case "endpoint-independent" -> kind + ": anybody may send to an open port";
            case "address-dependent" -> kind + ": only addresses that were sent to may";
            case null -> "unknown: no STUN server with two addresses (RFC 5780) answered";
            default -> kind + ": only addresses and ports that were sent to may";
        };
    }

    private static String portMapping(PortMapping router) {
        List<String> found = new ArrayList<>();
        add("NAT-PMP", router.natPmp(), found);
        add("PCP", router.pcp(), found);
        add("UPnP", router.upnp(), found);
        String external = router.externalAddress() == null ? "" : ", external address " + router.externalAddress();
        return (found.isEmpty() ? "none" : String.join(", ", found)) + " at " + router.router() + external;
    }

    private static void add(String name, NetcheckReport.Service service, List<String> found) {
        if (service.state().equals("offered")) {
            found.add(name);
        } else if (service.state().equals("refused")) {
            found.add(name + " (refuses: " + service.why() + ")");
        }
    }

    private static String portal(NetcheckReport.Portal portal) {
        String found = portal.found() == null ? "unknown" : yesNo(portal.found());
        return found + ": " + portal.reason();
    }

    private static String preferred(NetcheckReport report) {
        for (NetcheckReport.Region region : report.regions()) {
            if (region.id() == report.preferredRegion()) {
                return "region " + region.id() + " (" + region.code() + ")";
            }
        }
        return report.regions().isEmpty() ? "unknown: no relay was named" : "none: no region answered";
    }

    private static void tables(NetcheckReport report, StringBuilder out) {
        if (!report.regions().isEmpty()) {
            List<List<String>> rows = new ArrayList<>();
            rows.add(List.of("REGION", "CODE", "LATENCY", "IPV4", "IPV6", "BY"));
            for (NetcheckReport.Region region : report.regions()) {
                rows.add(List.of(
                        String.valueOf(region.id()),
                        region.code(),
                        StatusTable.latency(region.latencyMillis()),
                        StatusTable.latency(region.ipv4Millis()),
                        StatusTable.latency(region.ipv6Millis()),
                        by(region)));
            }
            StatusTable.table(rows, out.append('\n'));
        }
        if (!report.stunServers().isEmpty()) {
            List<List<String>> rows = new ArrayList<>();
            rows.add(List.of("STUN SERVER", "ADDRESS", "LATENCY", "SEEN AS"));
            for (NetcheckReport.Server server : report.stunServers()) {
                rows.add(List.of(
                        server.name(),
                        server.address(),
                        StatusTable.latency(server.latencyMillis()),
                        server.mapped() == null ? "no answer" : server.mapped()));
            }
            StatusTable.table(rows, out.append('\n'));
        }
    }

    private static String by(NetcheckReport.Region region) {
        if (region.by() == null) {
            return region.why() == null ? "no answer" : "no answer: " + region.why();
        }
        return region.by().toUpperCase(Locale.ROOT);
    }

    private static String yesNo(boolean value) {
        return value ? "yes" : "no";
    }
}
