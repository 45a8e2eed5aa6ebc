package dev.warren.node.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.protocol.simulation.NatKind;
import dev.warren.protocol.simulation.SimRelay;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which relay region whole agents make their home, with two of them to choose from. */
@Timeout(30)
final class HomeRegionOfAgentsTest {
    private final SimMesh mesh = new SimMesh(31);

    private SimAgent agent(int number) {
        return mesh.agent(mesh.site(number, NatKind.SYMMETRIC).host("agent " + number));
    }

    /** Region 1, 10 ms away, and region 2, 60 ms away, each with a relay and a STUN server. */
    private void nearAndFarRegion() {
        mesh.region(1, Duration.ofMillis(10), 1);
        mesh.region(2, Duration.ofMillis(60), 1);
    }

    @Test
    void theNearerRegionIsHome() {
        mesh.region(1, Duration.ofMillis(60), 1);
        mesh.region(2, Duration.ofMillis(10), 1);
        SimAgent agent = agent(1);
        mesh.settle();
        assertEquals(2, agent.homeRegion());
    }

    @Test
    void aRegionThatIsALittleNearerIsNotWorthAMove() {
        mesh.region(1, Duration.ofMillis(20), 1);
        mesh.region(2, Duration.ofMillis(30), 1);
        SimAgent agent = agent(1);
        SimAgent other = agent(2);
        mesh.settle();
        assertEquals(1, agent.homeRegion());
        mesh.stuns().getLast().host().link().delay(Duration.ofMillis(15));
        mesh.chat(agent, other, Duration.ofSeconds(1), Duration.ofMinutes(2));
        assertEquals(1, agent.homeRegion());
        mesh.stuns().getLast().host().link().delay(Duration.ofMillis(1));
        mesh.chat(agent, other, Duration.ofSeconds(1), Duration.ofMinutes(2));
        assertEquals(2, agent.homeRegion());
    }

    @Test
    void agentsWithDifferentHomesReachOneAnother() {
        nearAndFarRegion();
        SimAgent a = agent(1);
        mesh.settle();
        mesh.stuns().getFirst().host().link().delay(Duration.ofMillis(60));
        mesh.stuns().getLast().host().link().delay(Duration.ofMillis(1));
        SimAgent b = agent(2);
        mesh.settle();
        assertEquals(1, a.homeRegion());
        assertEquals(2, b.homeRegion());
        for (int i = 0; i < 20; i++) {
            mesh.send(a, b);
            mesh.send(b, a);
            mesh.network.run(Duration.ofMillis(200));
        }
        assertEquals(20, a.received.cardinality());
        assertEquals(20, b.received.cardinality());
        assertTrue(mesh.relay(1).forwarded() > 0, "b sends to a's home");
        assertTrue(mesh.relay(2).forwarded() > 0, "a sends to b's home");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void agentsMoveOnWhenTheirHomeIsTakenOutOfTheMap(boolean itsStunServerStays) {
        nearAndFarRegion();
        SimAgent a = agent(1);
        SimAgent b = agent(2);
        mesh.settle();
        assertEquals(1, a.homeRegion());
        mesh.send(a, b);
        mesh.network.run(Duration.ofSeconds(1));
        assertEquals(1, b.received.cardinality());

        mesh.removeRelay(1, itsStunServerStays);
        mesh.network.run(Duration.ofSeconds(1));
        assertEquals(2, a.homeRegion());
        assertEquals(2, b.homeRegion());
        mesh.chat(a, b, Duration.ofSeconds(1), Duration.ofMinutes(2));
        assertEquals(2, a.homeRegion(), "a STUN server is no relay, however near");
        assertEquals(121, b.received.cardinality());
        assertEquals(120, a.received.cardinality());
    }

    @Test
    void aRegionThatGetsARelayIsHomeAtOnceWhenItIsTheNearest() {
        nearAndFarRegion();
        SimAgent agent = agent(1);
        mesh.settle();
        SimRelay nearest = mesh.relay(1);
        mesh.removeRelay(1, true);
        mesh.settle();
        assertEquals(2, agent.homeRegion());
        mesh.addRelay(nearest);
        mesh.network.run(Duration.ofSeconds(1));
        assertEquals(1, agent.homeRegion());
    }

    @Test
    void agentsWithoutAnyRelayHaveNoHomeUntilOneIsThere() {
        mesh.region(1, Duration.ofMillis(10), 1);
        SimAgent agent = agent(1);
        mesh.settle();
        mesh.removeRelay(1, true);
        mesh.settle();
        assertEquals(0, agent.homeRegion());
    }

    @Test
    void aPeerThatMovesHomeIsFollowed() {
        nearAndFarRegion();
        SimAgent a = agent(1);
        SimAgent b = agent(2);
        mesh.settle();
        mesh.stuns().getFirst().stop();
        mesh.chat(a, b, Duration.ofSeconds(1), Duration.ofMinutes(2));
        assertEquals(2, a.homeRegion(), "nobody answers for region 1 any more");
        assertEquals(2, b.homeRegion());
        long before = mesh.relay(1).forwarded();
        int packet = mesh.send(a, b);
        mesh.network.run(Duration.ofSeconds(1));
        assertTrue(b.received.get(packet));
        assertEquals(before, mesh.relay(1).forwarded());
    }
}
