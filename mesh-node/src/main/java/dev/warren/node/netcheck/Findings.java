package dev.warren.node.netcheck;

import dev.warren.node.netcheck.NetcheckReport.Reach;
import dev.warren.node.netcheck.StunRound.Asked;
import dev.warren.protocol.coordination.AddressText;
import dev.warren.protocol.derp.DerpMap;
import dev.warren.protocol.derp.DerpRegion;
import dev.warren.protocol.portmap.PortMapServices;
import dev.warren.protocol.stun.NatBehavior;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** What the answers mean. */
final class Findings {
    private static final double NANOS_PER_MILLI = 1e6;

    private Findings() {}

    /** UDP over one family. */
    static NetcheckReport.Family family(List<Asked> servers, boolean ipv4) {
        List<Asked> asked = servers.stream().filter(one -> one.isIpv4() == ipv4).toList();
        Set<String> mapped = new LinkedHashSet<>();
        for (Asked one : asked) {
            InetSocketAddress seen = one.mapped();
            if (seen != null) {
                mapped.add(AddressText.format(seen));
            }
        }
        Reach reach;
        if (!mapped.isEmpty()) {
            reach = Reach.YES;
        } else if (asked.isEmpty()) {
            reach = Reach.NOT_ASKED;
        } else {
            reach = asked.stream().allMatch(Asked::isUnsendable) ? Reach.CANNOT_SEND : Reach.SILENT;
        }
        return new NetcheckReport.Family(reach, List.copyOf(mapped));
    }

    /**
     * What stands between: by IPv4 when that was answered, for NATs are about IPv4, else by IPv6. What {@code behavior}
     * cannot say of the mapping, the answers of several servers may.
     */
    static NetcheckReport.Nat nat(List<Asked> servers, NatBehavior behavior, Set<InetAddress> ownAddresses) {
        List<Asked> answered = servers.stream()
                .filter(one -> one.mapped() != null && one.isIpv4())
                .toList();
        if (answered.isEmpty()) {
            answered = servers.stream().filter(one -> one.mapped() != null).toList();
        }
        if (answered.isEmpty()) {
            return new NetcheckReport.Nat(null, null, null, null, null);
        }
        Set<InetSocketAddress> seen = new HashSet<>();
        Set<InetSocketAddress> from = new HashSet<>();
        for (Asked one : answered) {
            seen.add(one.mapped());
            from.add(one.server().address());
        }
        boolean present = !seen.stream().allMatch(address -> ownAddresses.contains(address.getAddress()));
        Boolean varies = behavior.mappingVaries();
        if (varies == null && from.size() > 1) {
            varies = seen.size() > 1;
        }
        return new NetcheckReport.Nat(
                present,
                varies,
                mapping(behavior.mapping(), varies),
                behavior.filtering() == NatBehavior.Filtering.UNKNOWN ? null : words(behavior.filtering()),
                behavior.hairpinning());
    }

    private static @Nullable String mapping(NatBehavior.Mapping known, @Nullable Boolean varies) {
        if (known != NatBehavior.Mapping.UNKNOWN) {
            return words(known);
        }
        if (varies == null) {
            return null;
        }
        return words(varies ? NatBehavior.Mapping.DESTINATION_DEPENDENT : NatBehavior.Mapping.ENDPOINT_INDEPENDENT);
    }

    private static String words(Enum<?> kind) {
        return kind.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** The regions of the map, by id. */
    static List<NetcheckReport.Region> regions(DerpMap map, List<Asked> servers, LatencyRound https) {
        List<NetcheckReport.Region> regions = new ArrayList<>();
        for (DerpRegion region : map.regions().values()) {
            Predicate<Asked> ofRegion = asked -> asked.server().region() == region.id();
            OptionalLong four = shortest(servers, ofRegion.and(Asked::isIpv4));
            OptionalLong six = shortest(servers, ofRegion.and(asked -> !asked.isIpv4()));
            OptionalLong stun = shortest(servers, ofRegion);
            OptionalLong any = stun.isPresent() ? stun : https.latencyNanos(region.id());
            String by = stun.isPresent() ? "stun" : "https";
            regions.add(new NetcheckReport.Region(
                    region.id(),
                    region.code(),
                    millis(any),
                    any.isPresent() ? by : null,
                    millis(four),
                    millis(six),
                    any.isPresent() ? null : https.failure(region.id())));
        }
        return regions;
    }

    /** The latency of every region that has a relay and was reached: one of them can be home. */
    static Map<Integer, Long> latenciesNanos(DerpMap map, List<Asked> servers, LatencyRound https) {
        Map<Integer, Long> latencies = new TreeMap<>();
        for (int region : map.relayed()) {
            OptionalLong stun = shortest(servers, asked -> asked.server().region() == region);
            OptionalLong any = stun.isPresent() ? stun : https.latencyNanos(region);
            any.ifPresent(nanos -> latencies.put(region, nanos));
        }
        return latencies;
    }

    /** The STUN servers beside the map. */
    static List<NetcheckReport.Server> servers(List<Asked> servers) {
        List<NetcheckReport.Server> found = new ArrayList<>();
        for (Asked asked : servers) {
            if (asked.server().region() == 0) {
                InetSocketAddress mapped = asked.mapped();
                found.add(new NetcheckReport.Server(
                        asked.server().name(),
                        AddressText.format(asked.server().address()),
                        millis(asked.latencyNanos()),
                        mapped == null ? null : AddressText.format(mapped)));
            }
        }
        return found;
    }

    /** One router's services. */
    static NetcheckReport.PortMapping portMapping(PortMapServices services) {
        InetAddress external = services.external();
        return new NetcheckReport.PortMapping(
                AddressText.format(services.gateway()),
                service(services.natPmp()),
                service(services.pcp()),
                service(services.upnp()),
                external == null ? null : AddressText.format(external),
                services.upnpLocation());
    }

    private static NetcheckReport.Service service(PortMapServices.Service service) {
        return new NetcheckReport.Service(words(service.state()), service.why());
    }

    private static OptionalLong shortest(List<Asked> servers, Predicate<Asked> which) {
        return servers.stream()
                .filter(which)
                .flatMapToLong(asked -> asked.latencyNanos().stream())
                .min();
    }

    private static @Nullable Double millis(OptionalLong nanos) {
        return nanos.isPresent() ? (Double) (nanos.getAsLong() / NANOS_PER_MILLI) : null;
    }
}
