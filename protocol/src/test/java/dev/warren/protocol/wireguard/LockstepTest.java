package dev.warren.protocol.wireguard;

import static dev.warren.protocol.wireguard.VirtualLink.SECOND;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.protocol.key.PresharedKey;
import dev.warren.protocol.testing.Hex;
import dev.warren.protocol.testing.Seeds;
import java.util.Arrays;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Two devices go through a script, and after each step every byte that was sent, every counter and the next deadline are
 * compared with what the paper's formulas give for the random numbers that the devices drew.
 */
@Timeout(30)
class LockstepTest {
    private static final long MILLI = SECOND / 1000;
    /** One way takes 10 ms. */
    private static final long WAY = 10 * MILLI;

    private final Drawn drawnByA = new Drawn(1);
    private final Drawn drawnByB = new Drawn(2);
    private final TestNode a = new TestNode(1, drawnByA);
    private final TestNode b = new TestNode(2, drawnByB);
    private final Peer bAtA = a.add(b, "10.0.0.2/32");
    private final Peer aAtB = b.add(a, "10.0.0.1/32");
    private final PresharedKey preshared = PresharedKey.generate(Seeds.random(3));
    private final byte[] toB = Packets.random("10.0.0.1", "10.0.0.2", 84, Seeds.random(4));
    private final byte[] toA = Packets.random("10.0.0.2", "10.0.0.1", 100, Seeds.random(5));

    @Test
    void shouldGoStepByStepWithTheFormulasOfThePaper() {
        bAtA.setPresharedKey(preshared);
        aAtB.setPresharedKey(preshared);
        long start = 7 * SECOND;

        // A packet without a session: an initiation, again in 5 s.
        ObviousNoise first = new ObviousNoise(a.key, b.key);
        a.send(toB, start);
        byte[] initiation = initiationOfA(first, start);
        assertSent(a, initiation);
        assertState(a, bAtA, 148, 0, start + 5 * SECOND);

        // The initiation arrives: a response, and a session that may not send yet.
        b.receive(initiation, a, start + WAY);
        int indexAtA = drawnByA.index;
        int indexAtB = drawnByB.index;
        byte[] response = first.response(drawnByB.ephemeral, indexAtB, indexAtA, preshared.bytes());
        assertSent(b, response);
        assertState(b, aAtB, 92, 148, start + WAY + 540 * SECOND);
        assertFalse(aAtB.hasSession(start + WAY));

        // The response arrives: the packet goes out with counter 0; an answer is due in 15 s.
        a.receive(response, b, start + 2 * WAY);
        byte[] data = ObviousNoise.data(first.fromInitiator, indexAtB, 0, toB);
        assertSent(a, data);
        assertEquals(32 + 96, data.length);
        assertState(a, bAtA, 148 + 128, 92, start + 2 * WAY + 15 * SECOND);

        // The packet arrives and confirms the session; an empty answer is due in 10 s.
        b.receive(data, a, start + 3 * WAY);
        assertArrayEquals(toB, b.delivered.removeFirst());
        assertState(b, aAtB, 92, 148 + 128, start + 3 * WAY + 10 * SECOND);
        assertTrue(aAtB.hasSession(start + 3 * WAY));
        assertNothingSent();

        // Ten seconds later the empty answer goes out, and with it all is quiet until the keys are wiped.
        long quiet = start + 3 * WAY + 10 * SECOND;
        b.device.poll(quiet);
        byte[] keepalive = ObviousNoise.data(first.fromResponder, indexAtA, 0, new byte[0]);
        assertSent(b, keepalive);
        assertState(b, aAtB, 92 + 32, 148 + 128, start + WAY + 540 * SECOND);
        a.receive(keepalive, b, quiet + WAY);
        assertState(a, bAtA, 148 + 128, 92 + 32, start + 2 * WAY + 540 * SECOND);
        assertNothingSent();

        otherWay(quiet, first, indexAtA, indexAtB);
        renew(start + 2 * WAY + 120 * SECOND, first, indexAtA, indexAtB);
    }

    /** A packet of the responder's, answered by one of the initiator's. */
    private void otherWay(long quiet, ObviousNoise first, int indexAtA, int indexAtB) {
        b.send(toA, quiet + SECOND);
        byte[] data = ObviousNoise.data(first.fromResponder, indexAtA, 1, toA);
        assertSent(b, data);
        assertState(b, aAtB, 92 + 32 + 144, 148 + 128, quiet + 16 * SECOND);
        a.receive(data, b, quiet + SECOND + WAY);
        assertArrayEquals(toA, a.delivered.removeFirst());
        assertState(a, bAtA, 148 + 128, 92 + 32 + 144, quiet + 11 * SECOND + WAY);
        a.send(toB, quiet + 2 * SECOND);
        data = ObviousNoise.data(first.fromInitiator, indexAtB, 1, toB);
        assertSent(a, data);
        b.receive(data, a, quiet + 2 * SECOND + WAY);
        assertArrayEquals(toB, b.delivered.removeFirst());
        assertState(b, aAtB, 92 + 32 + 144, 148 + 256, quiet + 12 * SECOND + WAY);
        b.device.poll(quiet + 12 * SECOND + WAY);
        data = ObviousNoise.data(first.fromResponder, indexAtA, 2, new byte[0]);
        assertSent(b, data);
        a.receive(data, b, quiet + 12 * SECOND + 2 * WAY);
        assertNothingSent();
    }

    /** The session is 120 s old: the next packet of its initiator's still goes out under it, and asks for another. */
    private void renew(long now, ObviousNoise first, int oldIndexAtA, int oldIndexAtB) {
        ObviousNoise second = new ObviousNoise(a.key, b.key);
        a.send(toB, now);
        byte[] data = ObviousNoise.data(first.fromInitiator, oldIndexAtB, 2, toB);
        assertSent(a, data);
        byte[] initiation = initiationOfA(second, now);
        assertSent(a, initiation);
        assertState(a, bAtA, 2 * 148 + 3 * 128, 92 + 2 * 32 + 144, now + 5 * SECOND);

        b.receive(data, a, now + WAY);
        assertArrayEquals(toB, b.delivered.removeFirst());
        b.receive(initiation, a, now + WAY);
        byte[] response = second.response(drawnByB.ephemeral, drawnByB.index, drawnByA.index, preshared.bytes());
        assertSent(b, response);

        // Until it is confirmed the responder sends under the old session, and that is still understood.
        b.send(toA, now + 2 * WAY);
        byte[] late = ObviousNoise.data(first.fromResponder, oldIndexAtA, 3, toA);
        assertSent(b, late);

        // Nothing waits, so an empty packet confirms the new session.
        a.receive(response, b, now + 2 * WAY);
        byte[] keepalive = ObviousNoise.data(second.fromInitiator, drawnByB.index, 0, new byte[0]);
        assertSent(a, keepalive);
        a.receive(late, b, now + 3 * WAY);
        assertArrayEquals(toA, a.delivered.removeFirst());
        b.receive(keepalive, a, now + 3 * WAY);
        b.send(toA, now + 3 * WAY);
        data = ObviousNoise.data(second.fromResponder, drawnByA.index, 0, toA);
        assertSent(b, data);
        a.receive(data, b, now + 4 * WAY);
        assertArrayEquals(toA, a.delivered.removeFirst());
        assertEquals(2, a.established);
        assertEquals(2, b.established);
        assertNothingSent();
    }

    private byte[] initiationOfA(ObviousNoise noise, long nowNanos) {
        byte[] timestamp = Tai64n.encode(TestNode.UNIX_OFFSET_NANOS + nowNanos);
        return noise.initiation(drawnByA.ephemeral, drawnByA.index, timestamp);
    }

    private static void assertSent(TestNode node, byte[] expected) {
        assertEquals(Hex.text(expected), Hex.text(node.transmitted.remove()));
    }

    private void assertNothingSent() {
        assertTrue(a.transmitted.isEmpty() && b.transmitted.isEmpty());
        assertTrue(a.dropped.isEmpty() && b.dropped.isEmpty());
    }

    private static void assertState(TestNode node, Peer peer, long txBytes, long rxBytes, long deadlineNanos) {
        assertEquals(txBytes, peer.txBytes());
        assertEquals(rxBytes, peer.rxBytes());
        assertEquals(deadlineNanos, node.device.nextDeadlineNanos());
    }

    /** Remembers what was drawn last; there is no jitter. */
    private static final class Drawn implements RandomGenerator {
        private final RandomGenerator random;
        private byte[] ephemeral = new byte[0];
        private int index;

        Drawn(int seed) {
            this.random = Seeds.random(seed);
        }

        @Override
        public void nextBytes(byte[] bytes) {
            random.nextBytes(bytes);
            ephemeral = Arrays.copyOf(bytes, bytes.length);
        }

        @Override
        public int nextInt() {
            index = random.nextInt();
            return index;
        }

        @Override
        public long nextLong() {
            return random.nextLong();
        }

        @Override
        public long nextLong(long bound) {
            return 0;
        }
    }
}
