package dev.warren.node.engine;

import dev.warren.protocol.key.NodePrivateKey;
import dev.warren.protocol.simulation.Host;
import dev.warren.protocol.simulation.Nat;
import dev.warren.protocol.simulation.NatKind;
import dev.warren.protocol.simulation.Segment;
import dev.warren.protocol.simulation.SimNetwork;
import dev.warren.protocol.simulation.SimRelay;
import dev.warren.protocol.simulation.StunHost;
import dev.warren.protocol.simulation.UdpRelayHost;
import dev.warren.protocol.wireguard.IpPrefix;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BooleanSupplier;

/**
 * Agents on a simulated internet, with relay regions, STUN servers and a coordinator that hands out their records a
 * moment after they change.
 */
final class SimMesh {
    static final long UNIX_OFFSET_NANOS = 1_700_000_000_000_000_000L;
    /** What a record's change takes from one agent over the coordinator to the others, unless a test says otherwise. */
    private static final Duration COORDINATION = Duration.ofMillis(150);

    private static final Duration RELAY_DELAY = Duration.ofMillis(40);
    private static final Duration LAN_DELAY = Duration.ofMillis(1);
    private static final Duration WAN_DELAY = Duration.ofMillis(10);

    final SimNetwork network;
    private final List<SimAgent> agents = new ArrayList<>();
    private final SortedMap<Integer, SimRelay> relays = new TreeMap<>();
    private final SortedMap<Integer, List<InetSocketAddress>> stunServers = new TreeMap<>();
    private final List<StunHost> stunHosts = new ArrayList<>();
    private final SortedMap<Integer, UdpRelayHost> udpRelays = new TreeMap<>();
    Duration coordination = COORDINATION;
    private boolean mapPending;
    private int sent;

    SimMesh(long seed) {
        network = new SimNetwork(seed);
    }

    /** A mesh with region 900 and two STUN servers in it, so that agents see what their NAT does. */
    static SimMesh withOneRegion(long seed) {
        SimMesh mesh = new SimMesh(seed);
        mesh.region(900, WAN_DELAY, 2);
        return mesh;
    }

    /** A relay region with STUN servers that are {@code delay} away from the middle of the internet. */
    void region(int id, Duration delay, int stuns) {
        relays.put(id, new SimRelay(network, id, RELAY_DELAY));
        List<InetSocketAddress> addresses = new ArrayList<>();
        for (int i = 0; i < stuns; i++) {
            String address = "192.0.2." + (10 + stunHosts.size());
            StunHost stun = new StunHost(network.host("stun " + id + "." + i, network.internet(), address));
            stun.host().link().delay(delay);
            stunHosts.add(stun);
            addresses.add(stun.address());
        }
        stunServers.put(id, addresses);
    }

    /** An operator takes the region's relay out of the map, of which its STUN servers may be left. It runs on. */
    void removeRelay(int region, boolean keepsStunServers) {
        SimRelay removed = relay(region);
        relays.remove(region);
        if (!keepsStunServers) {
            stunServers.remove(region);
        }
        for (SimAgent agent : agents) {
            removed.disconnect(agent.publicKey(), agent);
            applyRelays(agent);
        }
    }

    /** The relay comes into the map. */
    void addRelay(SimRelay relay) {
        relays.put(relay.region(), relay);
        for (SimAgent agent : agents) {
            applyRelays(agent);
            relay.connect(agent.publicKey(), agent);
        }
    }

    private void applyRelays(SimAgent agent) {
        agent.engine.applyRelays(
                stunServers, new TreeSet<>(relays.keySet()), network.time().nowNanos());
    }

    /** The region's relay forwards over UDP too. Before the agents start. */
    UdpRelayHost withUdpRelay(int region) {
        Host host = network.host("udp relay " + region, network.internet(), "192.0.2." + (100 + udpRelays.size()));
        host.link().delay(WAN_DELAY);
        UdpRelayHost relay = new UdpRelayHost(network, relay(region), host);
        udpRelays.put(region, relay);
        return relay;
    }

    Optional<UdpRelayHost> udpRelay(int region) {
        return Optional.ofNullable(udpRelays.get(region));
    }

    SimRelay relay(int region) {
        return findRelay(region).orElseThrow();
    }

    /** The region's relay, unless it is out of the map. */
    Optional<SimRelay> findRelay(int region) {
        return Optional.ofNullable(relays.get(region));
    }

    List<StunHost> stuns() {
        return stunHosts;
    }

    /** A NAT {@code 198.51.100.number} in front of a LAN {@code 192.168.number.0}, whose hosts it serves. */
    Site site(int number, NatKind kind) {
        Segment lan = network.lan("lan " + number);
        Nat nat = network.nat("nat " + number, kind, network.internet(), "198.51.100." + number);
        nat.link().delay(WAN_DELAY);
        nat.serve(lan, "192.168." + number + ".1");
        return new Site(number, lan, nat);
    }

    /** A LAN and its NAT. */
    final class Site {
        final Nat nat;
        final Segment lan;
        private final int number;
        private int hosts;

        Site(int number, Segment lan, Nat nat) {
            this.number = number;
            this.lan = lan;
            this.nat = nat;
        }

        Host host(String name) {
            hosts++;
            Host host = network.host(name, lan, "192.168." + number + "." + (1 + hosts));
            host.link().delay(LAN_DELAY);
            return host;
        }
    }

    /** A host on the internet itself. */
    Host publicHost(String name, int number) {
        Host host = network.host(name, network.internet(), "203.0.113." + number);
        host.link().delay(WAN_DELAY);
        return host;
    }

    /** An agent with a new key on the host; it knows the relays and, a moment later, its peers. */
    SimAgent agent(Host host) {
        int number = agents.size() + 1;
        IpPrefix inner = IpPrefix.host(InetAddress.ofLiteral("100.64.0." + number));
        return start(host, NodePrivateKey.generate(network.random()), inner);
    }

    /** The agent's process is killed and started again: same node key, another disco key. */
    SimAgent restart(SimAgent agent) {
        agent.kill();
        relays.values().forEach(relay -> relay.disconnect(agent.publicKey(), agent));
        agents.remove(agent);
        return start(agent.host, agent.key, agent.inner);
    }

    /** As {@link #restart}, with the peers' records of the run before, which the others have of this one too. */
    SimAgent restartWithKeptMap(SimAgent agent) {
        SimAgent again = restart(agent);
        List<MeshPeer> records = agents.stream().map(SimAgent::record).toList();
        again.engine.applyPeers(records, network.time().nowNanos());
        return again;
    }

    private SimAgent start(Host host, NodePrivateKey key, IpPrefix inner) {
        SimAgent agent = new SimAgent(this, host, key, inner, network.random());
        agents.add(agent);
        applyRelays(agent);
        relays.values().forEach(relay -> relay.connect(agent.publicKey(), agent));
        recordsChanged();
        return agent;
    }

    /** The coordinator hears of it, and a moment later everybody else. */
    void recordsChanged() {
        if (!mapPending) {
            mapPending = true;
            network.time().after(coordination, this::publish);
        }
    }

    private void publish() {
        mapPending = false;
        List<MeshPeer> records = agents.stream().map(SimAgent::record).toList();
        for (SimAgent agent : agents) {
            agent.engine.applyPeers(records, network.time().nowNanos());
        }
    }

    /** Lets the agents find their own addresses and one another's records. */
    void settle() {
        network.run(Duration.ofSeconds(5));
    }

    /** One packet; its number. */
    int send(SimAgent from, SimAgent to) {
        return send(from, to, 64);
    }

    /** One packet of this length with its IP header; its number. */
    int send(SimAgent from, SimAgent to, int length) {
        int number = sent++;
        from.send(to, number, length);
        return number;
    }

    /** Both send a packet every {@code period} for {@code duration}. */
    void chat(SimAgent one, SimAgent other, Duration period, Duration duration) {
        for (long i = duration.dividedBy(period); i > 0; i--) {
            send(one, other);
            send(other, one);
            network.run(period);
        }
    }

    /** Both send until both go through a UDP relay; how long that took, empty when it is longer than {@code limit}. */
    Optional<Duration> untilRelayedByUdp(SimAgent one, SimAgent other, Duration limit) {
        return until(one, other, () -> one.isRelayedByUdpTo(other) && other.isRelayedByUdpTo(one), limit);
    }

    /** Both send until both are direct; how long that took, empty when it is longer than {@code limit}. */
    Optional<Duration> untilDirect(SimAgent one, SimAgent other, Duration limit) {
        return until(one, other, () -> one.isDirectTo(other) && other.isDirectTo(one), limit);
    }

    private Optional<Duration> until(SimAgent one, SimAgent other, BooleanSupplier condition, Duration limit) {
        long start = network.time().nowNanos();
        Duration period = Duration.ofMillis(20);
        for (long i = limit.dividedBy(period); i > 0; i--) {
            if (i % 10 == 0) {
                send(one, other);
                send(other, one);
            }
            if (network.runUntil(condition, period)) {
                return Optional.of(Duration.ofNanos(network.time().nowNanos() - start));
            }
        }
        return Optional.empty();
    }
}
