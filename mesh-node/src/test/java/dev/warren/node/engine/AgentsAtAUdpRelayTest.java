package dev.warren.node.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.protocol.simulation.Attachment;
import dev.warren.protocol.simulation.Host;
import dev.warren.protocol.simulation.NatKind;
import dev.warren.protocol.simulation.Segment;
import dev.warren.protocol.simulation.UdpRelayHost;
import dev.warren.protocol.testing.Seeds;
import dev.warren.protocol.wireguard.IpPrefix;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Whole agents that find no direct path, on the simulated network with a UDP relay. */
@Timeout(60)
final class AgentsAtAUdpRelayTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final Duration CHAT = Duration.ofMillis(100);

    private final SimMesh mesh = SimMesh.withOneRegion(1);
    private final UdpRelayHost udpRelay = mesh.withUdpRelay(900);

    @Test
    void twoSymmetricNatsMeetAtTheUdpRelay() {
        SimAgent a = mesh.agent(mesh.site(1, NatKind.SYMMETRIC).host("a"));
        SimAgent b = mesh.agent(mesh.site(2, NatKind.SYMMETRIC).host("b"));
        mesh.settle();
        int first = mesh.send(a, b);
        Duration after = mesh.untilRelayedByUdp(a, b, LIMIT).orElseThrow();
        assertTrue(after.compareTo(Duration.ofSeconds(3)) < 0, "relayed by UDP after " + after);
        mesh.network.run(Duration.ofSeconds(1));
        assertTrue(b.received.get(first), "the packet that began it came over DERP");
        assertEquals(1, udpRelay.server().openSessionCount(), "one session for the two");
        assertEquals(1, udpRelay.server().sessionCount());
        EngineSnapshot.Peer seen = a.peer(b);
        assertNotNull(seen.udpRelay());
        assertEquals(udpRelay.address(), seen.udpRelay().server());
        assertTrue(seen.latencyNanos() > 0, "its round trip is known");
        assertTrue(a.engine.hasWayInto(IpPrefix.host(udpRelay.address().getAddress())));

        long overDerp = mesh.relay(900).forwarded();
        long overUdp = udpRelay.forwarded();
        int before = b.received.cardinality();
        mesh.chat(a, b, CHAT, Duration.ofSeconds(20));
        mesh.network.run(Duration.ofSeconds(1));
        assertEquals(before + 200, b.received.cardinality(), "nothing is lost");
        assertTrue(udpRelay.forwarded() - overUdp >= 400, "all of it went there");
        // What is left for DERP is the search for something better: pings and calls, no packets.
        assertTrue(mesh.relay(900).forwarded() - overDerp < 20, "DERP carries no data");
        assertEquals(0, a.duplicates + b.duplicates);
    }

    @Test
    void oneSidedTrafficIsEnough() {
        SimAgent a = mesh.agent(mesh.site(1, NatKind.SYMMETRIC).host("a"));
        SimAgent b = mesh.agent(mesh.site(2, NatKind.SYMMETRIC).host("b"));
        mesh.settle();
        for (SimAgent sender : new SimAgent[] {a, b}) {
            SimAgent receiver = sender == a ? b : a;
            for (int i = 0; i < 100; i++) {
                mesh.send(sender, receiver);
                mesh.network.run(CHAT);
            }
            assertTrue(sender.isRelayedByUdpTo(receiver), sender + " to " + receiver);
            mesh.network.run(Duration.ofMinutes(7));
            assertEquals(0, udpRelay.server().sessionCount(), "an idle session ends");
        }
    }

    @Test
    void aDirectPathIsPreferredAndNoSessionIsAskedFor() {
        SimAgent a = mesh.agent(mesh.site(1, NatKind.PORT_RESTRICTED).host("a"));
        SimAgent b = mesh.agent(mesh.site(2, NatKind.PORT_RESTRICTED).host("b"));
        mesh.settle();
        assertTrue(mesh.untilDirect(a, b, LIMIT).isPresent());
        mesh.chat(a, b, CHAT, Duration.ofSeconds(60));
        assertTrue(a.isDirectTo(b) && b.isDirectTo(a));
        assertEquals(0, udpRelay.server().sessionCount() + udpRelay.server().endedSessions());
    }

    @Test
    void aDirectPathThatAppearsIsTaken() {
        SimMesh.Site site = mesh.site(1, NatKind.SYMMETRIC);
        SimAgent a = mesh.agent(site.host("a"));
        SimAgent b = mesh.agent(mesh.site(2, NatKind.SYMMETRIC).host("b"));
        mesh.settle();
        assertTrue(mesh.untilRelayedByUdp(a, b, LIMIT).isPresent());
        // The machine gets a public address beside the one behind the NAT.
        a.host.attach(mesh.network.internet(), "203.0.113.9").link().delay(Duration.ofMillis(10));
        a.interfacesChanged();
        assertTrue(mesh.untilDirect(a, b, Duration.ofSeconds(30)).isPresent());
        long overUdp = udpRelay.forwarded();
        mesh.chat(a, b, CHAT, Duration.ofSeconds(30));
        assertTrue(udpRelay.forwarded() - overUdp < 10, "the relay has nothing to carry any more");
    }

    @Test
    void aDirectPathThatBreaksIsReplacedByTheUdpRelay() {
        Segment cable = mesh.network.lan("a cable between the two");
        Host one = mesh.site(1, NatKind.SYMMETRIC).host("a");
        Host two = mesh.site(2, NatKind.SYMMETRIC).host("b");
        Attachment end = one.attach(cable, "10.9.0.1");
        two.attach(cable, "10.9.0.2");
        SimAgent a = mesh.agent(one);
        SimAgent b = mesh.agent(two);
        mesh.settle();
        assertTrue(mesh.untilDirect(a, b, LIMIT).isPresent());
        assertEquals(0, udpRelay.server().sessionCount());
        one.detach(end);
        mesh.chat(a, b, CHAT, Duration.ofSeconds(15));
        assertTrue(a.isRelayedByUdpTo(b) && b.isRelayedByUdpTo(a));
    }

    @Test
    void whenTheUdpRelayGoesSilentDerpTakesOverAndItIsFoundAgain() {
        SimAgent a = mesh.agent(mesh.site(1, NatKind.SYMMETRIC).host("a"));
        SimAgent b = mesh.agent(mesh.site(2, NatKind.SYMMETRIC).host("b"));
        mesh.settle();
        assertTrue(mesh.untilRelayedByUdp(a, b, LIMIT).isPresent());
        udpRelay.stop();
        mesh.chat(a, b, CHAT, Duration.ofSeconds(10));
        int before = b.received.cardinality();
        mesh.chat(a, b, CHAT, Duration.ofSeconds(10));
        mesh.network.run(Duration.ofSeconds(1));
        assertEquals(before + 100, b.received.cardinality(), "DERP carries all of it");
        assertEquals(EngineSnapshot.PathKind.RELAY, a.peer(b).path());
        udpRelay.start();
        assertTrue(mesh.untilRelayedByUdp(a, b, Duration.ofMinutes(6)).isPresent());
    }

    @Test
    void aNatThatForgetsItsMappingsCostsAMomentOnly() {
        SimMesh.Site one = mesh.site(1, NatKind.SYMMETRIC);
        SimAgent a = mesh.agent(one.host("a"));
        SimAgent b = mesh.agent(mesh.site(2, NatKind.SYMMETRIC).host("b"));
        mesh.settle();
        assertTrue(mesh.untilRelayedByUdp(a, b, LIMIT).isPresent());
        one.nat.restart();
        mesh.chat(a, b, CHAT, Duration.ofSeconds(12));
        assertTrue(a.isRelayedByUdpTo(b) && b.isRelayedByUdpTo(a));
        int before = b.received.cardinality() + a.received.cardinality();
        mesh.chat(a, b, CHAT, Duration.ofSeconds(10));
        mesh.network.run(Duration.ofSeconds(1));
        assertEquals(before + 200, b.received.cardinality() + a.received.cardinality());
        assertEquals(1, udpRelay.server().sessionCount(), "the end was bound anew in the same session");
    }

    @Test
    void afterAPauseTheSameSessionServesOrANewOne() {
        SimAgent a = mesh.agent(mesh.site(1, NatKind.SYMMETRIC).host("a"));
        SimAgent b = mesh.agent(mesh.site(2, NatKind.SYMMETRIC).host("b"));
        mesh.settle();
        assertTrue(mesh.untilRelayedByUdp(a, b, LIMIT).isPresent());
        for (int minutes : new int[] {1, 4, 6, 20}) {
            mesh.network.run(Duration.ofMinutes(minutes));
            Duration after = mesh.untilRelayedByUdp(a, b, LIMIT).orElseThrow();
            assertTrue(after.compareTo(Duration.ofSeconds(4)) < 0, minutes + " min, then " + after);
        }
    }

    @Test
    void whereUdpIsBlockedDerpServesAndTheUdpRelayIsNotAsked() {
        SimMesh.Site one = mesh.site(1, NatKind.SYMMETRIC);
        SimMesh.Site two = mesh.site(2, NatKind.SYMMETRIC);
        one.nat.link().blockUdp(true);
        two.nat.link().blockUdp(true);
        SimAgent a = mesh.agent(one.host("a"));
        SimAgent b = mesh.agent(two.host("b"));
        mesh.settle();
        mesh.chat(a, b, CHAT, Duration.ofSeconds(60));
        mesh.network.run(Duration.ofSeconds(1));
        assertEquals(600, b.received.cardinality());
        assertEquals(EngineSnapshot.PathKind.RELAY, a.peer(b).path());
        assertEquals(0, udpRelay.server().sessionCount() + udpRelay.server().endedSessions());
    }

    @Test
    void whereUdpIsBlockedOnOneSideDerpServesAndRequestsAreFew() {
        SimMesh.Site one = mesh.site(1, NatKind.SYMMETRIC);
        one.nat.link().blockUdp(true);
        SimAgent a = mesh.agent(one.host("a"));
        SimAgent b = mesh.agent(mesh.site(2, NatKind.SYMMETRIC).host("b"));
        mesh.settle();
        mesh.chat(a, b, Duration.ofSeconds(1), Duration.ofMinutes(30));
        assertEquals(EngineSnapshot.PathKind.RELAY, b.peer(a).path());
        long sessions = udpRelay.server().sessionCount() + udpRelay.server().endedSessions();
        assertTrue(sessions >= 2 && sessions <= 12, sessions + " sessions in half an hour");
    }

    @Test
    void aUsersPingNamesTheWay() {
        SimAgent a = mesh.agent(mesh.site(1, NatKind.SYMMETRIC).host("a"));
        SimAgent b = mesh.agent(mesh.site(2, NatKind.SYMMETRIC).host("b"));
        mesh.settle();
        assertTrue(mesh.untilRelayedByUdp(a, b, LIMIT).isPresent());
        assertTrue(a.engine.ping(b.publicKey(), 1, mesh.network.time().nowNanos()));
        mesh.network.run(Duration.ofSeconds(1));
        PingAnswer answer = a.pings.getFirst();
        assertNull(answer.direct());
        assertEquals(0, answer.relayRegion());
        assertNotNull(answer.udpRelay());
        assertEquals(udpRelay.address(), answer.udpRelay().server());
    }

    @Test
    void twoRelaysThatWereAskedAtOnceEndInOneSession() {
        Seeds.forEach(10, random -> {
            SimMesh two = new SimMesh(random.nextLong());
            two.region(900, Duration.ofMillis(random.nextInt(5, 60)), 2);
            two.region(901, Duration.ofMillis(random.nextInt(5, 60)), 2);
            UdpRelayHost first = two.withUdpRelay(900);
            UdpRelayHost second = two.withUdpRelay(901);
            SimAgent a = two.agent(two.site(1, NatKind.SYMMETRIC).host("a"));
            SimAgent b = two.agent(two.site(2, NatKind.SYMMETRIC).host("b"));
            two.settle();
            assertTrue(two.untilRelayedByUdp(a, b, LIMIT).isPresent());
            two.chat(a, b, CHAT, Duration.ofSeconds(40));
            assertTrue(a.isRelayedByUdpTo(b) && b.isRelayedByUdpTo(a));
            assertEquals(a.peer(b).udpRelay(), b.peer(a).udpRelay(), "both use the same one");
            assertEquals(1, first.server().openSessionCount() + second.server().openSessionCount());
        });
    }

    @Test
    void lossDelaysItByAMomentOnly() {
        Seeds.forEach(20, random -> {
            SimMesh lossy = SimMesh.withOneRegion(random.nextLong());
            lossy.withUdpRelay(900);
            SimMesh.Site one = lossy.site(1, NatKind.SYMMETRIC);
            SimMesh.Site two = lossy.site(2, NatKind.SYMMETRIC);
            one.nat.link().loss(0.1);
            two.nat.link().loss(0.1);
            SimAgent a = lossy.agent(one.host("a"));
            SimAgent b = lossy.agent(two.host("b"));
            lossy.settle();
            Duration after = lossy.untilRelayedByUdp(a, b, LIMIT).orElseThrow();
            assertTrue(after.compareTo(Duration.ofSeconds(8)) < 0, "relayed by UDP after " + after);
        });
    }

    @Test
    void aPeerThatIsRestartedMeetsAnew() {
        SimAgent a = mesh.agent(mesh.site(1, NatKind.SYMMETRIC).host("a"));
        SimAgent b = mesh.agent(mesh.site(2, NatKind.SYMMETRIC).host("b"));
        mesh.settle();
        assertTrue(mesh.untilRelayedByUdp(a, b, LIMIT).isPresent());
        SimAgent again = mesh.restart(b);
        mesh.settle();
        assertTrue(mesh.untilRelayedByUdp(a, again, Duration.ofSeconds(30)).isPresent());
    }
}
