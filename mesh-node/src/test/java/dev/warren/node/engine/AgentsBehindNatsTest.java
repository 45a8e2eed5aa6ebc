package dev.warren.node.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.protocol.simulation.Fate;
import dev.warren.protocol.simulation.Host;
import dev.warren.protocol.simulation.NatKind;
import dev.warren.protocol.simulation.Segment;
import dev.warren.protocol.testing.Seeds;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Two whole agents, WireGuard and all, on the simulated network: which path they find. */
@Timeout(30)
final class AgentsBehindNatsTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);

    private final SimMesh mesh = SimMesh.withOneRegion(1);

    @Test
    void twoPortRestrictedNatsAreCrossedInUnderASecond() {
        SimAgent a = mesh.agent(mesh.site(1, NatKind.PORT_RESTRICTED).host("a"));
        SimAgent b = mesh.agent(mesh.site(2, NatKind.PORT_RESTRICTED).host("b"));
        mesh.settle();
        int first = mesh.send(a, b);
        Duration toDirect = mesh.untilDirect(a, b, LIMIT).orElseThrow();
        assertTrue(toDirect.compareTo(Duration.ofSeconds(1)) < 0, "direct after " + toDirect);
        assertEquals("198.51.100.2", directAddress(a, b));
        assertEquals("198.51.100.1", directAddress(b, a));
        mesh.network.run(Duration.ofSeconds(1));
        assertTrue(b.received.get(first), "the packet that began it came through the relay");
        long relayed = mesh.relay(900).forwarded();
        mesh.chat(a, b, Duration.ofMillis(100), Duration.ofSeconds(60));
        assertEquals(relayed, mesh.relay(900).forwarded(), "a trusted path needs no relay");
        assertEquals(0, a.duplicates + b.duplicates);
    }

    @Test
    void oneSidedTrafficIsEnough() {
        SimAgent a = mesh.agent(mesh.site(1, NatKind.PORT_RESTRICTED).host("a"));
        SimAgent b = mesh.agent(mesh.site(2, NatKind.PORT_RESTRICTED).host("b"));
        mesh.settle();
        mesh.send(a, b);
        assertTrue(mesh.network.runUntil(() -> a.isDirectTo(b), LIMIT));
        assertTrue(mesh.network.runUntil(() -> b.isDirectTo(a), Duration.ofSeconds(1)));
    }

    @Test
    void neighboursUseTheLan() {
        SimMesh.Site site = mesh.site(1, NatKind.PORT_RESTRICTED);
        SimAgent a = mesh.agent(site.host("a"));
        SimAgent b = mesh.agent(site.host("b"));
        mesh.settle();
        Duration toDirect = mesh.untilDirect(a, b, LIMIT).orElseThrow();
        assertTrue(toDirect.compareTo(Duration.ofMillis(200)) < 0, "direct after " + toDirect);
        assertEquals(b.host.address().getHostAddress(), directAddress(a, b));
        assertEquals(a.host.address().getHostAddress(), directAddress(b, a));
    }

    @Test
    void neighboursBehindAHairpinPreferTheLan() {
        SimMesh.Site site = mesh.site(1, NatKind.FULL_CONE.withHairpin());
        SimAgent a = mesh.agent(site.host("a"));
        SimAgent b = mesh.agent(site.host("b"));
        mesh.settle();
        mesh.chat(a, b, Duration.ofMillis(200), Duration.ofSeconds(10));
        assertEquals(b.host.address().getHostAddress(), directAddress(a, b));
        assertEquals(a.host.address().getHostAddress(), directAddress(b, a));
    }

    @Test
    void isolatedNeighboursUseTheHairpinIfThereIsOne() {
        assertEquals(Optional.empty(), isolated(NatKind.PORT_RESTRICTED));
        assertTrue(isolated(NatKind.PORT_RESTRICTED.withHairpin()).isPresent());
    }

    private static Optional<Duration> isolated(NatKind kind) {
        SimMesh mesh = SimMesh.withOneRegion(2);
        Segment guests = mesh.network.isolatingLan("guests");
        mesh.network.nat("nat", kind, mesh.network.internet(), "198.51.100.77").serve(guests, "10.0.0.1");
        SimAgent a = mesh.agent(mesh.network.host("a", guests, "10.0.0.2"));
        SimAgent b = mesh.agent(mesh.network.host("b", guests, "10.0.0.3"));
        mesh.settle();
        return mesh.untilDirect(a, b, LIMIT);
    }

    @Test
    void symmetricAgainstPortRestrictedStaysOnTheRelay() {
        SimAgent a = mesh.agent(mesh.site(1, NatKind.SYMMETRIC).host("a"));
        SimAgent b = mesh.agent(mesh.site(2, NatKind.PORT_RESTRICTED).host("b"));
        mesh.settle();
        assertEquals(true, a.engine.snapshot(mesh.network.time().nowNanos()).mappingVaries());
        assertEquals(false, b.engine.snapshot(mesh.network.time().nowNanos()).mappingVaries());
        relayCarriesEverything(a, b);
    }

    @Test
    void aPairThatCannotBeDirectSoonTriesSeldom() {
        SimAgent a = mesh.agent(mesh.site(1, NatKind.SYMMETRIC).host("a"));
        SimAgent b = mesh.agent(mesh.site(2, NatKind.PORT_RESTRICTED).host("b"));
        mesh.settle();
        mesh.chat(a, b, Duration.ofSeconds(1), Duration.ofMinutes(15));
        long before = mesh.network.count(Fate.FILTERED);
        mesh.chat(a, b, Duration.ofSeconds(1), Duration.ofMinutes(10));
        long pings = mesh.network.count(Fate.FILTERED) - before;
        assertTrue(pings > 10 && pings < 300, "pings in ten minutes: " + pings);
    }

    @Test
    void withoutUdpTheRelayCarriesEverything() {
        SimMesh.Site closed = mesh.site(1, NatKind.PORT_RESTRICTED);
        closed.nat.link().blockUdp(true);
        SimAgent a = mesh.agent(closed.host("a"));
        SimAgent b = mesh.agent(mesh.publicHost("b", 1));
        mesh.settle();
        assertEquals(900, a.homeRegion(), "the region that is connected, without any answer from STUN");
        relayCarriesEverything(a, b);
        assertTrue(mesh.network.count(Fate.UDP_BLOCKED) > 0);
    }

    private void relayCarriesEverything(SimAgent a, SimAgent b) {
        for (int i = 0; i < 300; i++) {
            mesh.send(a, b);
            mesh.send(b, a);
            mesh.network.run(Duration.ofMillis(200));
            assertFalse(a.isDirectTo(b) || b.isDirectTo(a));
        }
        mesh.network.run(Duration.ofSeconds(1));
        assertEquals(300, a.received.cardinality());
        assertEquals(300, b.received.cardinality());
        long latency = a.peer(b).latencyNanos();
        assertEquals(Duration.ofMillis(80).toNanos(), latency, "the relay's round trip");
    }

    @Test
    void twoHostFirewallsArePunchedLikeNats() {
        Duration lifetime = Duration.ofSeconds(60);
        SimAgent a = mesh.agent(mesh.publicHost("a", 1).firewall(lifetime));
        SimAgent b = mesh.agent(mesh.publicHost("b", 2).firewall(lifetime));
        mesh.settle();
        Duration toDirect = mesh.untilDirect(a, b, LIMIT).orElseThrow();
        assertTrue(toDirect.compareTo(Duration.ofSeconds(1)) < 0, "direct after " + toDirect);
    }

    @Test
    void carrierNatsInFrontOfHomeNatsArePunchedThrough() {
        SimAgent a = mesh.agent(behindTwoNats(1));
        SimAgent b = mesh.agent(behindTwoNats(2));
        mesh.settle();
        assertTrue(mesh.untilDirect(a, b, LIMIT).isPresent());
    }

    private Host behindTwoNats(int number) {
        Segment carrier = mesh.network.lan("carrier " + number);
        mesh.network
                .nat("cgn " + number, NatKind.PORT_RESTRICTED, mesh.network.internet(), "198.51.100." + number)
                .serve(carrier, "100.100.0.1");
        Segment home = mesh.network.lan("home " + number);
        mesh.network
                .nat("home nat " + number, NatKind.PORT_RESTRICTED, carrier, "100.100.0.2")
                .serve(home, "192.168.0.1");
        return mesh.network.host("host " + number, home, "192.168.0.2");
    }

    @Test
    void ipv6NeedsNoNat() {
        Host one =
                mesh.network.host("a", mesh.network.internet(), "2001:db8::1").firewall(Duration.ofSeconds(60));
        Host two =
                mesh.network.host("b", mesh.network.internet(), "2001:db8::2").firewall(Duration.ofSeconds(60));
        SimAgent a = mesh.agent(one);
        SimAgent b = mesh.agent(two);
        mesh.settle();
        assertTrue(mesh.untilDirect(a, b, LIMIT).isPresent());
    }

    @Test
    void ipv6OnlyAndIpv4OnlyMeetAtTheRelay() {
        SimAgent a = mesh.agent(mesh.network.host("a", mesh.network.internet(), "2001:db8::1"));
        SimAgent b = mesh.agent(mesh.publicHost("b", 1));
        mesh.settle();
        assertEquals(Optional.empty(), mesh.untilDirect(a, b, LIMIT));
        assertTrue(a.received.cardinality() > 0 && b.received.cardinality() > 0);
    }

    @Test
    void aTenthOfAllDatagramsLostDelaysThePathByAMomentOnly() {
        Seeds.forEach(20, random -> {
            SimMesh lossy = SimMesh.withOneRegion(random.nextLong());
            SimMesh.Site one = lossy.site(1, NatKind.PORT_RESTRICTED);
            SimMesh.Site two = lossy.site(2, NatKind.PORT_RESTRICTED);
            one.nat.link().loss(0.1);
            two.nat.link().loss(0.1);
            SimAgent a = lossy.agent(one.host("a"));
            SimAgent b = lossy.agent(two.host("b"));
            lossy.settle();
            Duration toDirect = lossy.untilDirect(a, b, LIMIT).orElseThrow();
            assertTrue(toDirect.compareTo(Duration.ofSeconds(5)) < 0, "direct after " + toDirect);
        });
    }

    private static String directAddress(SimAgent from, SimAgent to) {
        InetSocketAddress direct = from.peer(to).direct();
        return direct == null ? "none" : direct.getAddress().getHostAddress();
    }
}
