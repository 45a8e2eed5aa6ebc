package dev.warren.node.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.protocol.simulation.Fate;
import dev.warren.protocol.simulation.Nat;
import dev.warren.protocol.simulation.NatKind;
import java.time.Duration;
import java.util.BitSet;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Two whole agents that have a path: what happens to it when the network or they themselves change. */
@Timeout(30)
final class AgentsOverTimeTest {
    private static final Duration TEN_SECONDS = Duration.ofSeconds(10);
    private static final Duration TICK = Duration.ofMillis(100);

    private final SimMesh mesh = SimMesh.withOneRegion(21);

    private final class Pair {
        final Nat natA;
        final Nat natB;
        SimAgent a;
        SimAgent b;

        Pair(NatKind kind) {
            SimMesh.Site one = mesh.site(1, kind);
            SimMesh.Site two = mesh.site(2, kind);
            natA = one.nat;
            natB = two.nat;
            a = mesh.agent(one.host("a"));
            b = mesh.agent(two.host("b"));
            mesh.settle();
            becomesDirect();
            mesh.network.run(Duration.ofSeconds(1));
        }

        Duration becomesDirect() {
            return mesh.untilDirect(a, b, TEN_SECONDS).orElseThrow();
        }

        void cut() {
            mesh.network.internet().cut(natA.address(), natB.address());
        }

        void heal() {
            mesh.network.internet().heal(natA.address(), natB.address());
        }

        /** How long packets in both directions, ten a second, go on being lost. */
        Duration silence(Duration watched) {
            long start = mesh.network.time().nowNanos();
            long lastLostNanos = start;
            for (long i = watched.dividedBy(TICK); i > 0; i--) {
                int there = mesh.send(a, b);
                int back = mesh.send(b, a);
                long sentNanos = mesh.network.time().nowNanos();
                mesh.network.run(TICK);
                if (!b.received.get(there) || !a.received.get(back)) {
                    lastLostNanos = sentNanos;
                }
            }
            return Duration.ofNanos(lastLostNanos - start);
        }
    }

    @Test
    void aCutPathGoesToTheRelayWithinTenSecondsAndBackWithinTenOfHealing() {
        Pair pair = new Pair(NatKind.PORT_RESTRICTED);
        pair.cut();
        Duration silence = pair.silence(Duration.ofSeconds(30));
        assertTrue(silence.compareTo(TEN_SECONDS) < 0, "packets were lost for " + silence);
        assertEquals(EngineSnapshot.PathKind.RELAY, pair.a.peer(pair.b).path());
        assertEquals(EngineSnapshot.PathKind.RELAY, pair.b.peer(pair.a).path());
        pair.heal();
        Duration back = pair.becomesDirect();
        assertTrue(back.compareTo(TEN_SECONDS) < 0, "direct again after " + back);
        assertEquals(Duration.ZERO, pair.silence(Duration.ofSeconds(5)));
    }

    @Test
    void aPathThatWasCutForTenMinutesIsStillFoundAgain() {
        Pair pair = new Pair(NatKind.PORT_RESTRICTED);
        pair.cut();
        mesh.chat(pair.a, pair.b, Duration.ofSeconds(1), Duration.ofMinutes(10));
        pair.heal();
        Duration back = mesh.untilDirect(pair.a, pair.b, Duration.ofSeconds(70)).orElseThrow();
        assertTrue(back.compareTo(Duration.ofSeconds(65)) < 0, "direct again after " + back);
    }

    @Test
    void aRestartedRelayCarriesAgainWithinTenSeconds() {
        Pair pair = new Pair(NatKind.PORT_RESTRICTED);
        pair.cut();
        pair.silence(Duration.ofSeconds(20));
        mesh.relay(900).stop();
        assertNotEquals(Duration.ZERO, pair.silence(Duration.ofSeconds(5)));
        mesh.relay(900).start();
        Duration silence = pair.silence(Duration.ofSeconds(20));
        assertTrue(silence.compareTo(TEN_SECONDS) < 0, "packets were lost for " + silence);
    }

    @Test
    void aDirectPathDoesNotNoticeThatTheRelayIsGone() {
        Pair pair = new Pair(NatKind.PORT_RESTRICTED);
        mesh.relay(900).stop();
        assertEquals(Duration.ZERO, pair.silence(Duration.ofMinutes(4)));
    }

    @Test
    void aRestartedAgentIsDirectAgainWithinTenSeconds() {
        Pair pair = new Pair(NatKind.PORT_RESTRICTED);
        mesh.chat(pair.a, pair.b, TICK, Duration.ofSeconds(5));
        pair.b = mesh.restart(pair.b);
        Duration silence = pair.silence(Duration.ofSeconds(20));
        assertTrue(silence.compareTo(TEN_SECONDS) < 0, "packets were lost for " + silence);
        assertTrue(pair.a.isDirectTo(pair.b) && pair.b.isDirectTo(pair.a));
    }

    @Test
    void aRestartedAgentNeedsNoSecondHandshakeWhileOthersStillTrustItsOldPath() {
        Pair pair = new Pair(NatKind.PORT_RESTRICTED);
        mesh.chat(pair.a, pair.b, TICK, Duration.ofSeconds(5));
        pair.cut(); // as when the new process has another port
        mesh.coordination = TEN_SECONDS;
        pair.b = mesh.restartWithKeptMap(pair.b);
        int first = mesh.send(pair.b, pair.a);
        mesh.network.run(Duration.ofSeconds(1));
        assertTrue(pair.a.received.get(first));
    }

    @Test
    void aRestartedAgentThatOnlyReceivesIsReachedAgain() {
        Pair pair = new Pair(NatKind.PORT_RESTRICTED);
        pair.b = mesh.restart(pair.b);
        int last = 0;
        for (int i = 0; i < 300; i++) {
            last = mesh.send(pair.a, pair.b);
            mesh.network.run(TICK);
        }
        assertTrue(pair.b.received.get(last));
        assertTrue(pair.a.isDirectTo(pair.b));
    }

    @Test
    void anHourWithRenewedKeysLosesNothing() {
        Pair pair = new Pair(NatKind.PORT_RESTRICTED);
        BitSet before = (BitSet) pair.b.received.clone();
        Set<Long> handshakes = new HashSet<>();
        for (int i = 0; i < 3600; i++) {
            mesh.send(pair.a, pair.b);
            mesh.send(pair.b, pair.a);
            mesh.network.run(Duration.ofSeconds(1));
            handshakes.add(pair.a.peer(pair.b).lastHandshakeUnixNanos());
            assertTrue(pair.a.isDirectTo(pair.b));
        }
        assertEquals(before.cardinality() + 3600, pair.b.received.cardinality());
        assertTrue(handshakes.size() >= 25, "keys are renewed every two minutes: " + handshakes.size());
        assertEquals(0, pair.a.duplicates + pair.b.duplicates);
    }

    @Test
    void anHourOnALossyPathLosesOnlyWhatTheNetworkLost() {
        Pair pair = new Pair(NatKind.PORT_RESTRICTED);
        int before = pair.b.received.cardinality();
        pair.natA.link().loss(0.02);
        long lostBefore = mesh.network.count(Fate.LOST);
        for (int i = 0; i < 3600; i++) {
            mesh.send(pair.a, pair.b);
            mesh.network.run(Duration.ofSeconds(1));
        }
        int missing = before + 3600 - pair.b.received.cardinality();
        long lost = mesh.network.count(Fate.LOST) - lostBefore;
        assertTrue(missing > 20 && missing < lost, missing + " are missing, " + lost + " datagrams were lost");
        assertTrue(missing < 3600 * 0.03, missing + " of 3600 are missing with a loss of 2 %");
    }

    @Test
    void aMappingThatExpiredWhileIdleIsMadeAnew() {
        Pair pair = new Pair(NatKind.PORT_RESTRICTED.withLifetime(Duration.ofSeconds(30)));
        mesh.chat(pair.a, pair.b, Duration.ofSeconds(1), Duration.ofMinutes(2));
        assertTrue(pair.a.isDirectTo(pair.b), "heartbeats keep the mapping while there is traffic");
        mesh.network.run(Duration.ofMinutes(10));
        assertFalse(pair.a.isDirectTo(pair.b));
        int first = mesh.send(pair.a, pair.b);
        Duration toDirect = pair.becomesDirect();
        assertTrue(toDirect.compareTo(Duration.ofSeconds(2)) < 0, "direct again after " + toDirect);
        mesh.network.run(Duration.ofSeconds(1));
        assertTrue(pair.b.received.get(first), "the relay carried the first one");
    }

    @Test
    void aRouterThatForgotItsMappingsCostsTenSecondsAtMost() {
        Pair pair = new Pair(NatKind.PORT_RESTRICTED);
        pair.natA.restart();
        Duration silence = pair.silence(Duration.ofSeconds(30));
        assertTrue(silence.compareTo(TEN_SECONDS) < 0, "packets were lost for " + silence);
        assertTrue(pair.a.isDirectTo(pair.b) && pair.b.isDirectTo(pair.a));
    }

    @Test
    void anIdlePairIsSilent() {
        Pair pair = new Pair(NatKind.PORT_RESTRICTED);
        mesh.network.run(Duration.ofMinutes(5));
        long delivered = mesh.network.count(Fate.DELIVERED);
        mesh.network.run(Duration.ofHours(2));
        assertEquals(delivered, mesh.network.count(Fate.DELIVERED));
        assertEquals(Long.MAX_VALUE, pair.a.nextDeadlineNanos());
    }

    @Test
    void withoutStunTheLanStillWorks() {
        SimMesh.Site site = mesh.site(7, NatKind.PORT_RESTRICTED);
        mesh.stuns().forEach(stun -> stun.stop());
        SimAgent a = mesh.agent(site.host("a"));
        SimAgent b = mesh.agent(site.host("b"));
        mesh.settle();
        assertTrue(mesh.untilDirect(a, b, TEN_SECONDS).isPresent());
    }
}
