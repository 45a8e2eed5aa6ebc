package dev.warren.protocol.wireguard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.protocol.key.NodePrivateKey;
import dev.warren.protocol.key.PresharedKey;
import dev.warren.protocol.simulation.Fate;
import dev.warren.protocol.simulation.SimNetwork;
import dev.warren.protocol.testing.Seeds;
import java.time.Duration;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Both ends change their static keys and the preshared key every ten minutes, each by a clock of its own: of two streams
 * no packet is lost that the network did not lose.
 */
@Timeout(120)
class KeyRotationOnABadNetworkTest {
    private static final Duration PERIOD = Duration.ofMinutes(10);
    private static final Duration OVERLAP = Duration.ofMinutes(2);
    private static final Duration SECOND = Duration.ofSeconds(1);
    /** What repeated and reordered messages come to, and handshakes under a key that the other end has no more. */
    private static final Set<DropReason> OF_HANDSHAKES = EnumSet.of(
            DropReason.REPLAYED,
            DropReason.OLD_TIMESTAMP,
            DropReason.INITIATION_FLOOD,
            DropReason.UNKNOWN_INDEX,
            DropReason.BAD_MAC,
            DropReason.UNKNOWN_PEER,
            DropReason.NOT_AUTHENTIC);

    private final byte[] toB = Packets.ipv4("10.0.0.1", "10.0.0.2", 84);
    private final byte[] toA = Packets.ipv4("10.0.0.2", "10.0.0.1", 84);

    @Test
    void shouldLoseNothingThatTheNetworkDidNotLose() {
        Seeds.forEach(2, random -> {
            Pair pair = new Pair(random.nextLong(), Duration.ofSeconds(47), Duration.ofSeconds(-31), 0.01);
            pair.makeItBad();
            pair.stream(SECOND, Duration.ofMillis(1003));
            pair.run(Duration.ofMinutes(12 * 60 + 5));
            pair.assertNothingLost();
            assertTrue(pair.network.count(Fate.LOST) > 500, "it was a bad network: " + pair.network);
        });
    }

    /** Nobody in the middle, so the only thing that could lose a packet is a change of keys. */
    @Test
    void shouldLoseNothingAtAllOnAGoodNetworkHoweverTheTwoClocksStand() {
        for (int skewMillis : new int[] {0, 10, 25, 999, 5_000, 110_000}) {
            for (int periodMillis : new int[] {20, 1000}) {
                Pair pair = new Pair(skewMillis, Duration.ofMillis(skewMillis), Duration.ZERO, 0);
                pair.stream(Duration.ofMillis(periodMillis), Duration.ofMillis(periodMillis + 1));
                pair.run(Duration.ofMinutes(periodMillis == 20 ? 35 : 325));
                pair.assertNothingLost();
                assertEquals(pair.atA.sent, pair.b.delivered.size());
                assertEquals(pair.atB.sent, pair.a.delivered.size());
            }
        }
    }

    @Test
    void shouldLoseNothingWhenOnlyOneEndSends() {
        for (boolean fromA : new boolean[] {true, false}) {
            Pair pair = new Pair(8, Duration.ofSeconds(3), Duration.ZERO, 0.01);
            pair.makeItBad();
            pair.stream(fromA ? SECOND : Duration.ofDays(2), fromA ? Duration.ofDays(2) : SECOND);
            pair.run(Duration.ofMinutes(6 * 60 + 5));
            pair.assertNothingLost();
        }
    }

    /** Nobody says a word while keys are changed again and again: the next packet still finds its way. */
    @Test
    void shouldFindEachOtherAfterManyChangesInSilence() {
        for (boolean fromA : new boolean[] {true, false}) {
            Pair pair = new Pair(9, Duration.ofSeconds(20), Duration.ofSeconds(-20), 0);
            (fromA ? pair.atA : pair.atB).send(fromA ? toB : toA);
            for (int times = 0; times < 20; times++) {
                pair.network.run(Duration.ofMinutes(33));
                (fromA ? pair.atA : pair.atB).send(fromA ? toB : toA);
                // The first try may be under keys of the past, and a next one follows after five seconds.
                pair.network.run(Duration.ofSeconds(20));
                assertEquals(times + 2, (fromA ? pair.b : pair.a).delivered.size());
            }
        }
    }

    private final class Pair {
        private final SimNetwork network;
        private final TestNode a;
        private final TestNode b;
        private final SimDevice atA;
        private final SimDevice atB;
        private final End endA;
        private final End endB;
        private boolean ended;

        Pair(long seed, Duration skewOfA, Duration skewOfB, double duplicated) {
            network = new SimNetwork(seed);
            a = new TestNode(1, Seeds.random(seed + 1));
            b = new TestNode(2, Seeds.random(seed + 2));
            atA = new SimDevice(a, b, network, duplicated);
            atB = new SimDevice(b, a, network, duplicated);
            endA = new End(network, a, a.add(b, "10.0.0.2/32"), skewOfA);
            endB = new End(network, b, b.add(a, "10.0.0.1/32"), skewOfB);
            atA.host().link().delay(Duration.ofMillis(12));
            endA.begin(endB);
            endB.begin(endA);
        }

        void makeItBad() {
            atA.host().link().jitter(Duration.ofMillis(40)).loss(0.02).reorder(0.02, Duration.ofMillis(200));
            atB.host().link().loss(0.01).reorder(0.02, Duration.ofMillis(90));
        }

        void stream(Duration periodOfA, Duration periodOfB) {
            network.time().every(periodOfA, () -> {
                if (!ended) {
                    atA.send(toB);
                }
                return !ended;
            });
            network.time().every(periodOfB, () -> {
                if (!ended) {
                    atB.send(toA);
                }
                return !ended;
            });
        }

        void run(Duration duration) {
            network.run(duration);
            ended = true;
            network.run(Duration.ofSeconds(60));
        }

        void assertNothingLost() {
            assertEquals(atA.sent, atA.sealed, "each packet of a's went out once");
            assertEquals(atB.sent, atB.sealed, "each packet of b's went out once");
            assertEquals(atB.arrived, b.delivered.size());
            assertEquals(atA.arrived, a.delivered.size());
            Set<DropReason> reasons = new HashSet<>(a.dropped);
            reasons.addAll(b.dropped);
            reasons.removeAll(OF_HANDSHAKES);
            assertEquals(Set.of(), reasons);
            endA.assertUpToDateWith(endB);
            endB.assertUpToDateWith(endA);
            assertTrue(a.established >= endA.generation, a.established + " sessions, generation " + endA.generation);
            assertTrue(a.device.indices().size() <= 5 && b.device.indices().size() <= 5, "no index is left behind");
        }
    }

    /** One end, which does at its own dates what a schedule says. */
    private static final class End {
        private final SimNetwork network;
        private final TestNode node;
        private final Peer peer;
        private final Duration skew;
        private int generation;

        End(SimNetwork network, TestNode node, Peer peer, Duration skew) {
            this.network = network;
            this.node = node;
            this.peer = peer;
            this.skew = skew;
            peer.setPresharedKey(preshared(0));
        }

        void begin(End other) {
            at(Duration.ofMinutes(1), () -> prepare(other));
        }

        private void prepare(End other) {
            int next = generation + 1;
            NodePrivateKey key = key(next);
            node.device.setPendingPrivateKey(key);
            peer.setPendingPresharedKey(preshared(next));
            int delay = network.random()
                    .nextInt((int) PERIOD.minus(OVERLAP).dividedBy(2).toMillis());
            network.time().after(Duration.ofMillis(delay), () -> other.isTold(key(next - 1), key));
            at(PERIOD.multipliedBy(next), () -> change(other));
        }

        private void isTold(NodePrivateKey now, NodePrivateKey next) {
            if (Objects.equals(peer.pendingPublicKey(), now.publicKey())) {
                assertTrue(peer.adoptPendingPublicKey());
            }
            peer.setPendingPublicKey(next.publicKey());
        }

        private void change(End other) {
            assertTrue(node.device.promotePendingPrivateKey());
            assertTrue(peer.promotePendingPresharedKey());
            generation++;
            at(PERIOD.multipliedBy(generation).plus(OVERLAP), () -> prepare(other));
        }

        private void at(Duration since, Runnable step) {
            network.time().after(since.plus(skew).toNanos() - network.time().nowNanos(), step);
        }

        private NodePrivateKey key(int number) {
            return number == 0
                    ? node.key
                    : NodePrivateKey.generate(Seeds.random(node.key.publicKey().hashCode() * 1000L + number));
        }

        private static PresharedKey preshared(int number) {
            return PresharedKey.generate(Seeds.random(7_000_000L + number));
        }

        void assertUpToDateWith(End other) {
            assertTrue(generation > 2, "it did change");
            assertEquals(key(generation).publicKey(), node.device.publicKey());
            assertNotEquals(node.key.publicKey(), node.device.publicKey());
            assertEquals(node.device.publicKey(), other.peer.publicKey(), "the other end has followed");
            assertEquals(preshared(generation), peer.presharedKey());
        }
    }
}
