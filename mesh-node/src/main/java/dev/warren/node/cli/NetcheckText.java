package dev.warren.node.cli;

import dev.warren.node.control.ControlCodec;
import dev.warren.node.netcheck.NetcheckReport;
import dev.warren.node.netcheck.NetcheckReport.PortMapping;
import dev.warren.node.netcheck.NetcheckReport.Reach;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A report for people, and for programs. */
final class NetcheckText {
    private static final String OFFERED = "offered";
    private static final String REFUSED = "refused";

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
        line(out, "NAT", nat(report.nat()));
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
        boolean asked =
                report.ipv4().reach() != Reach.NOT_ASKED || report.ipv6().reach() != Reach.NOT_ASKED;
        return asked ? "blocked: no STUN server answered" : "unknown: no STUN server to ask";
    }

    private static String family(NetcheckReport.Family family, String name) {
        return switch (family.reach()) {
            case YES -> "works, seen as " + String.join(" and ", family.mapped());
            case SILENT -> "no answer";
            case CANNOT_SEND -> "none: this machine has no route for " + name;
            case NOT_ASKED -> "unknown: no STUN server has an address of " + name;
        };
    }

    private static String nat(NetcheckReport.Nat nat) {
        if (nat.present() == null) {
            return "unknown: no STUN server answered";
        }
        if (!nat.present()) {
            return "none: servers see an address of this machine";
        }
        String varies = nat.mappingVaries() == null ? "unknown (only one server answered)" : yesNo(nat.mappingVaries());
        return "mapping varies by destination: " + varies;
    }

    private static String portMapping(PortMapping router) {
        Map<String, String> services = Map.of("NAT-PMP", router.natPmp(), "PCP", router.pcp(), "UPnP", router.upnp());
        List<String> found = new ArrayList<>();
        for (String name : List.of("NAT-PMP", "PCP", "UPnP")) {
            String state = services.getOrDefault(name, "");
            if (state.equals(OFFERED) || state.equals(REFUSED)) {
                found.add(state.equals(REFUSED) ? name + " (refuses)" : name);
            }
        }
        String external = router.externalAddress() == null ? "" : ", external address " + router.externalAddress();
        return (found.isEmpty() ? "none" : String.join(", ", found)) + " at " + router.router() + external;
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
                        by(region.by())));
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

    private static String by(@Nullable String by) {
        return by == null ? "no answer" : by.equals("stun") ? "STUN" : "HTTPS";
    }

    private static String yesNo(boolean value) {
        return value ? "yes" : "no";
    }
}
