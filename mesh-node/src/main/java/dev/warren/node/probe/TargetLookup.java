package dev.warren.node.probe;

import dev.warren.node.netcheck.NetcheckTargets;
import dev.warren.node.netcheck.NetcheckTargets.RelayServer;
import dev.warren.node.netcheck.NetcheckTargets.Router;
import dev.warren.node.netcheck.NetcheckTargets.StunServer;
import dev.warren.platform.config.HostPort;
import dev.warren.platform.linux.Gateway;
import dev.warren.platform.linux.Link;
import dev.warren.platform.linux.LinkAddress;
import dev.warren.platform.linux.LinuxException;
import dev.warren.platform.linux.Netlink;
import dev.warren.protocol.derp.DerpMap;
import dev.warren.protocol.derp.DerpNode;
import dev.warren.protocol.derp.DerpRegion;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.channels.DatagramChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;

/** Turns a relay map and host names into addresses to ask, and finds this machine's own and its routers'. */
public final class TargetLookup {
    /** Addresses that are asked at most, as the agent does; a map has far fewer. */
    private static final int MAX_SERVERS = 64;

    private final Map<String, CompletableFuture<List<InetAddress>>> hosts = new LinkedHashMap<>();
    private final Map<String, List<InetAddress>> addresses = new HashMap<>();
    private final List<String> problems = new ArrayList<>();

    private TargetLookup() {}

    /**
     * The targets of the calling thread's network. Names that take longer than {@code limit} are left out, with a
     * problem noted, as those that do not exist.
     *
     * @param relays the relay map
     * @param stun STUN servers beside it
     * @param home the region that a running agent has as home; 0 for none
     */
    public static NetcheckTargets find(DerpMap relays, List<HostPort> stun, int home, Duration limit)
            throws IOException, InterruptedException {
        TargetLookup lookup = new TargetLookup();
        for (DerpRegion region : relays.regions().values()) {
            region.nodes().forEach(node -> node.dialHosts().forEach(lookup::begin));
        }
        stun.forEach(server -> lookup.begin(server.host()));
        lookup.await(limit);
        return lookup.targets(relays, stun, home);
    }

    private void begin(String host) {
        hosts.computeIfAbsent(host, name -> {
            CompletableFuture<List<InetAddress>> found = new CompletableFuture<>();
            // A thread for each name: the system's resolver holds it until it knows, and a slow one holds up no other.
            Thread.ofPlatform().daemon().name("lookup-" + name).start(() -> {
                try {
                    found.complete(List.of(InetAddress.getAllByName(name)));
                } catch (UnknownHostException unknown) {
                    found.completeExceptionally(unknown);
                }
            });
            return found;
        });
    }

    private void await(Duration limit) throws InterruptedException {
        long endNanos = System.nanoTime() + limit.toNanos();
        for (Map.Entry<String, CompletableFuture<List<InetAddress>>> host : hosts.entrySet()) {
            try {
                long left = Math.max(0, endNanos - System.nanoTime());
                addresses.put(host.getKey(), host.getValue().get(left, TimeUnit.NANOSECONDS));
            } catch (ExecutionException unknown) {
                problems.add(
                        "the host \"" + host.getKey() + "\" is unknown: check its spelling and this machine's DNS");
            } catch (TimeoutException slow) {
                problems.add("the host \"" + host.getKey() + "\" was not found in time: this machine's DNS is slow or"
                        + " unreachable");
            }
        }
    }

    private NetcheckTargets targets(DerpMap relays, List<HostPort> stun, int home) throws IOException {
        List<StunServer> stunServers = new ArrayList<>();
        List<RelayServer> relayServers = new ArrayList<>();
        for (HostPort server : stun) {
            of(server.host())
                    .forEach(address -> stunServers.add(
                            new StunServer(0, server.toString(), new InetSocketAddress(address, server.port()))));
        }
        for (DerpRegion region : relays.regions().values()) {
            for (DerpNode node : region.nodes()) {
                node.dialHosts().stream().flatMap(host -> of(host).stream()).forEach(address -> {
                    if (node.hasStun()) {
                        InetSocketAddress at = new InetSocketAddress(address, node.stunPort());
                        stunServers.add(new StunServer(region.id(), node.name(), at));
                    }
                    if (node.hasRelay()) {
                        relayServers.add(new RelayServer(node, new InetSocketAddress(address, node.derpPort())));
                    }
                });
            }
        }
        cut(stunServers, "STUN servers");
        cut(relayServers, "relays");
        boolean routed = Stream.concat(
                        stunServers.stream().map(StunServer::address),
                        relayServers.stream().map(RelayServer::address))
                .anyMatch(address -> !address.getAddress().isLoopbackAddress());
        // Between this machine and itself there is no router whose mappings would matter.
        List<Router> routers = routed ? routers() : List.of();
        return new NetcheckTargets(relays, stunServers, relayServers, routers, ownAddresses(), home, problems);
    }

    private void cut(List<?> servers, String what) {
        if (servers.size() > MAX_SERVERS) {
            problems.add("only the first " + MAX_SERVERS + " of " + servers.size() + " addresses of " + what
                    + " were asked");
            servers.subList(MAX_SERVERS, servers.size()).clear();
        }
    }

    private List<InetAddress> of(String host) {
        return addresses.getOrDefault(host, List.of());
    }

    /** The best router of each family. */
    private static List<Router> routers() throws LinuxException {
        List<Router> routers = new ArrayList<>();
        try (Netlink netlink = Netlink.open()) {
            Set<Class<?>> families = new HashSet<>();
            for (Gateway gateway : netlink.gateways()) {
                if (families.add(gateway.address().getClass())) {
                    addRouter(gateway.address(), routers);
                }
            }
        }
        return routers;
    }

    private static void addRouter(InetAddress gateway, List<Router> routers) {
        try (DatagramChannel probe = DatagramChannel.open()) {
            // Connecting sends nothing; it has the kernel choose the address that packets to there leave from.
            probe.connect(new InetSocketAddress(gateway, 1));
            routers.add(new Router(gateway, ((InetSocketAddress) probe.getLocalAddress()).getAddress()));
        } catch (IOException unreachable) {
            // A route without a way to its router: nothing can be asked there.
        }
    }

    private static Set<InetAddress> ownAddresses() throws LinuxException {
        Set<InetAddress> own = new HashSet<>();
        try (Netlink netlink = Netlink.open()) {
            for (Link link : netlink.links()) {
                link.addresses().stream().map(LinkAddress::address).forEach(own::add);
            }
        }
        return own;
    }
}
