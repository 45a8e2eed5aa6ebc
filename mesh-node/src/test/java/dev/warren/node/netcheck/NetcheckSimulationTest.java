package dev.warren.node.netcheck;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.node.netcheck.NetcheckTargets.StunServer;
import dev.warren.protocol.derp.DerpMap;
import dev.warren.protocol.derp.RelaySpec;
import dev.warren.protocol.simulation.DiscoveryStunHost;
import dev.warren.protocol.simulation.Host;
import dev.warren.protocol.simulation.NatKind;
import dev.warren.protocol.simulation.NatKind.Dependence;
import dev.warren.protocol.simulation.Segment;
import dev.warren.protocol.simulation.SimNetwork;
import dev.warren.protocol.simulation.StunHost;
import dev.warren.protocol.simulation.Timeline;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The check behind every kind of NAT, with the real STUN responder, on the simulated network. */
@Timeout(30)
final class NetcheckSimulationTest {
    private static final int FIRST_PORT = 5_000;
    private static final Duration LIMIT = Duration.ofSeconds(5);

    static Stream<NatKind> kinds() {
        List<NatKind> kinds = new ArrayList<>();
        for (Dependence mapping : Dependence.values()) {
            for (Dependence filtering : Dependence.values()) {
                NatKind kind = NatKind.PORT_RESTRICTED.withMapping(mapping).withFiltering(filtering);
                kinds.addAll(List.of(kind, kind.withHairpin()));
            }
        }
        return kinds.stream();
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void shouldTellEveryKindOfNat(NatKind kind) {
        SimNetwork network = new SimNetwork(11);
        Client client = new Client(network, behind(network, kind), 0);
        NetcheckReport report = client.run();
        assertTrue(report.udp());
        assertEquals(words(kind.mapping()), report.nat().mapping());
        assertEquals(words(kind.filtering()), report.nat().filtering());
        assertEquals(kind.mapping() != Dependence.NONE, report.nat().mappingVaries());
        boolean open = kind.mapping() == Dependence.NONE || kind.filtering() == Dependence.NONE;
        assertEquals(kind.hairpins() && open, report.nat().hairpinning());
        assertEquals(
                kind.mapping() == Dependence.NONE ? 1 : 2,
                report.ipv4().mapped().size());
        assertEquals(true, report.nat().present());
        assertEquals(901, report.preferredRegion());
        assertTrue(report.seconds() <= 5, () -> "took " + report.seconds() + " s");
    }

    @Test
    void shouldFindNothingInTheWayOfAPublicHostAndNotWait() {
        SimNetwork network = new SimNetwork(12);
        Client client = new Client(network, network.host("public", network.internet(), "198.51.100.20"), 0);
        NetcheckReport report = client.run();
        assertEquals(
                new NetcheckReport.Nat(false, false, words(Dependence.NONE), words(Dependence.NONE), true),
                report.nat());
        assertTrue(report.seconds() < 1, () -> "took " + report.seconds() + " s");
    }

    /** A lost request, or answer, must not look like a far server. */
    @Test
    void shouldMeasureTheSameWhereDatagramsGetLost() {
        for (long seed = 1; seed <= 10; seed++) {
            SimNetwork network = new SimNetwork(seed);
            Client client = new Client(network, behind(network, NatKind.PORT_RESTRICTED), 0.1);
            NetcheckReport report = client.run();
            for (NetcheckReport.Region region : report.regions()) {
                double millis = Objects.requireNonNull(region.latencyMillis(), report::toString);
                assertEquals(region.id() == 900 ? 80 : 20, millis, 2, report::toString);
            }
            assertNotNull(report.nat().mapping());
        }
    }

    private static Host behind(SimNetwork network, NatKind kind) {
        Segment lan = network.lan("lan");
        network.nat("nat", kind, network.internet(), "198.51.100.1").serve(lan, "192.168.1.1");
        return network.host("client", lan, "192.168.1.2");
    }

    private static String words(Dependence dependence) {
        return switch (dependence) {
            case NONE -> "endpoint-independent";
            case ADDRESS -> "address-dependent";
            case ADDRESS_AND_PORT -> "address-and-port-dependent";
        };
    }

    /** A check on a simulated host, of a far region whose server knows RFC 5780 and of a near one with a plain server. */
    private static final class Client implements Timeline.Actor {
        private final SimNetwork network;
        private final Host host;
        private final Netcheck check;
        private long polledNanos;

        Client(SimNetwork network, Host host, double loss) {
            this.network = network;
            this.host = host;
            Host farHost = network.host("far", network.internet(), "203.0.113.1");
            farHost.link().loss(loss).delay(Duration.ofMillis(40));
            farHost.attach(network.internet(), "203.0.113.2").link().loss(loss).delay(Duration.ofMillis(40));
            Host nearHost = network.host("near", network.internet(), "203.0.113.7");
            nearHost.link().loss(loss).delay(Duration.ofMillis(10));
            DerpMap map = DerpMap.of(List.of(
                    RelaySpec.parse("900=203.0.113.1:443,stun=3478"),
                    RelaySpec.parse("901=203.0.113.7:443,stun=3478")));
            List<StunServer> servers = List.of(
                    new StunServer(900, "900a", new DiscoveryStunHost(farHost).address()),
                    new StunServer(901, "901a", new StunHost(nearHost).address()));
            NetcheckTargets targets =
                    new NetcheckTargets(map, servers, List.of(), List.of(), Set.of(host.address()), 0, List.of());
            check = new Netcheck(targets, network.random(), network.time().nowNanos(), LIMIT.toNanos());
            for (int i = 0; i < Netcheck.SOCKETS; i++) {
                int socket = i;
                host.bind(FIRST_PORT + i, (source, payload, nowNanos) -> {
                    check.receive(socket, payload, 0, payload.length, source, nowNanos);
                    poll(nowNanos);
                });
            }
        }

        NetcheckReport run() {
            poll(network.time().nowNanos());
            network.time().add(this);
            assertTrue(
                    network.runUntil(() -> check.isOver(network.time().nowNanos()), LIMIT.plusSeconds(1)),
                    network::toString);
            return check.report(network.time().nowNanos());
        }

        @Override
        public long nextDeadlineNanos() {
            return check.isOver(polledNanos) ? Long.MAX_VALUE : check.nextDeadlineNanos(polledNanos);
        }

        @Override
        public void poll(long nowNanos) {
            polledNanos = nowNanos;
            for (Netcheck.Action action : check.poll(nowNanos)) {
                if (action instanceof Netcheck.Send send) {
                    host.send(FIRST_PORT + send.socket(), send.to(), send.bytes(), 0, send.bytes().length);
                }
            }
        }
    }
}
