package dev.warren.protocol.wireguard;

import static dev.warren.protocol.wireguard.VirtualLink.SECOND;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.protocol.key.PresharedKey;
import dev.warren.protocol.testing.Seeds;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A preshared key is changed at both ends, never at the same moment. */
@Timeout(60)
class PresharedKeyRotationTest {
    private static final long DELAY = 20_000_000L;
    private static final String A_ADDRESS = "10.0.0.1";
    private static final String B_ADDRESS = "10.0.0.2";

    private final PresharedKey old = PresharedKey.generate(Seeds.random(1));
    private final PresharedKey fresh = PresharedKey.generate(Seeds.random(2));
    private final byte[] toB = Packets.ipv4(A_ADDRESS, B_ADDRESS, 84);
    private final byte[] toA = Packets.ipv4(B_ADDRESS, A_ADDRESS, 84);
    private final Pair pair = new Pair(Seeds.random(3));

    @Test
    void shouldRenewTheSessionAtThePromotionFromWhicheverEndIsTheLast() {
        pair.a.send(toB, pair.link.nowNanos);
        pair.link.run(10 * SECOND);
        pair.bAtA.setPendingPresharedKey(fresh);
        pair.aAtB.setPendingPresharedKey(fresh);
        pair.bAtA.promotePendingPresharedKey();
        pair.b.send(toA, pair.link.nowNanos);
        pair.link.run(10 * SECOND);
        assertEquals(2, pair.a.established);
        assertTrue(pair.bAtA.isPendingPresharedKeyInUse(), "b still answers with its own first key");

        pair.aAtB.promotePendingPresharedKey();
        pair.a.send(toB, pair.link.nowNanos);
        pair.link.run(10 * SECOND);
        assertEquals(3, pair.a.established);
        assertFalse(pair.bAtA.isPendingPresharedKeyInUse());
        assertFalse(pair.aAtB.isPendingPresharedKeyInUse());
        pair.link.run(60 * SECOND);
        assertEquals(3, pair.a.established, "and that is all");
        assertEquals(1, pair.a.delivered.size());
        assertEquals(2, pair.b.delivered.size());
    }

    @Test
    void shouldOpenAResponseUnderThePendingKey() {
        pair.bAtA.setPendingPresharedKey(fresh);
        pair.aAtB.setPresharedKey(fresh);
        pair.a.send(toB, pair.link.nowNanos);
        pair.link.run(SECOND);

        assertEquals(1, pair.b.delivered.size());
        assertTrue(pair.bAtA.isPendingPresharedKeyInUse());
        assertFalse(pair.aAtB.isPendingPresharedKeyInUse());
        assertTrue(pair.bAtA.promotePendingPresharedKey());
        assertFalse(pair.bAtA.isPendingPresharedKeyInUse(), "it is the configured one now");
        assertEquals(fresh, pair.bAtA.presharedKey());
        assertEquals(old, pair.bAtA.pendingPresharedKey());
    }

    @Test
    void shouldAnswerWithTheOtherKeyWhenTheFirstWasOfNoUse() {
        pair.aAtB.setPresharedKey(fresh);
        pair.aAtB.setPendingPresharedKey(old);
        pair.a.send(toB, pair.link.nowNanos);
        pair.link.run(SECOND);
        assertEquals(List.of(DropReason.NOT_AUTHENTIC), pair.a.dropped);
        assertEquals(0, pair.b.delivered.size());

        pair.link.run(5 * SECOND);
        assertEquals(1, pair.b.delivered.size(), "the first retry gets through");
        assertTrue(pair.aAtB.isPendingPresharedKeyInUse());

        pair.link.run(121 * SECOND);
        pair.a.send(toB, pair.link.nowNanos);
        pair.link.run(SECOND);
        assertEquals(2, pair.a.established, "what has worked comes first");
        assertEquals(1, pair.a.dropped.size());
    }

    @Test
    void shouldFindTheRightKeyAgainWhenALostResponseLedItAstray() {
        pair.aAtB.setPendingPresharedKey(fresh);
        int[] responses = {0};
        pair.link.lost = message -> message.length == ResponseMessage.LENGTH && responses[0]++ == 0;
        pair.a.send(toB, pair.link.nowNanos);
        pair.link.run(16 * SECOND);

        assertEquals(List.of(DropReason.NOT_AUTHENTIC), pair.a.dropped, "the second response was under the other key");
        assertEquals(1, pair.b.delivered.size());
        assertFalse(pair.aAtB.isPendingPresharedKeyInUse());
    }

    @Test
    void shouldKnowOnlyOneKeyWithoutAPendingOne() {
        pair.aAtB.setPresharedKey(fresh);
        pair.a.send(toB, pair.link.nowNanos);
        pair.link.run(60 * SECOND);
        assertEquals(0, pair.b.delivered.size());
        assertEquals(Set.of(DropReason.NOT_AUTHENTIC), new HashSet<>(pair.a.dropped));
        assertFalse(pair.aAtB.promotePendingPresharedKey());

        pair.aAtB.setPendingPresharedKey(old);
        pair.aAtB.setPendingPresharedKey(null);
        assertNull(pair.aAtB.pendingPresharedKey());
        pair.link.run(20 * SECOND);
        assertEquals(0, pair.b.delivered.size(), "the old key is dead");
    }

    @Test
    void shouldWipeKeysThatAreReplacedAndThoseOfARemovedPeer() {
        PresharedKey configured = pair.bAtA.presharedKey();
        pair.bAtA.setPresharedKey(fresh);
        assertTrue(configured.isZero());

        pair.bAtA.setPendingPresharedKey(old);
        PresharedKey pending = pair.bAtA.pendingPresharedKey();
        assertNotNull(pending);
        pair.bAtA.setPendingPresharedKey(fresh);
        assertTrue(pending.isZero());

        PresharedKey second = pair.bAtA.pendingPresharedKey();
        assertNotNull(second);
        pair.a.device.removePeer(pair.b.publicKey());
        assertTrue(second.isZero());
        assertTrue(pair.bAtA.presharedKey().isZero());
        assertFalse(fresh.isZero(), "the caller's is the caller's");
    }

    /** A stream both ways for two hours, and each end adds, promotes and clears at its own times. */
    @Test
    void shouldLoseNothingWhenTheTwoEndsAreChangedAtDifferentTimes() {
        Seeds.forEach(12, random -> {
            Pair streaming = new Pair(random);
            int minutes = 120;
            Steps atA = new Steps(streaming.bAtA, random);
            Steps atB = new Steps(streaming.aAtB, random);
            // Whoever takes the old key away must know that the other end has the new one.
            int clearedFrom = Math.max(atA.addAt, atB.addAt) + 1;
            int sent = 0;
            for (int second = 0; second < minutes * 60; second++) {
                atA.run(second, clearedFrom);
                atB.run(second, clearedFrom);
                streaming.a.send(toB, streaming.link.nowNanos);
                streaming.link.run(random.nextLong(SECOND));
                streaming.b.send(toA, streaming.link.nowNanos);
                streaming.link.run(SECOND / 2);
                sent++;
            }
            streaming.link.run(10 * SECOND);
            assertEquals(sent, streaming.b.delivered.size());
            assertEquals(sent, streaming.a.delivered.size());
            assertEquals(fresh, streaming.bAtA.presharedKey());
            assertEquals(fresh, streaming.aAtB.presharedKey());
            assertNull(streaming.bAtA.pendingPresharedKey());
            Set<DropReason> reasons = new HashSet<>(streaming.a.dropped);
            reasons.addAll(streaming.b.dropped);
            assertTrue(Set.of(DropReason.NOT_AUTHENTIC).containsAll(reasons), reasons::toString);
        });
    }

    private final class Pair {
        private final TestNode a;
        private final TestNode b;
        private final Peer bAtA;
        private final Peer aAtB;
        private final VirtualLink link;

        Pair(RandomGenerator random) {
            a = new TestNode(1, random);
            b = new TestNode(2, random);
            bAtA = a.add(b, B_ADDRESS + "/32");
            aAtB = b.add(a, A_ADDRESS + "/32");
            bAtA.setPresharedKey(old);
            aAtB.setPresharedKey(old);
            link = new VirtualLink(a, b, DELAY, SECOND);
        }
    }

    /** What one end does, and in which second. */
    private final class Steps {
        private final Peer peer;
        private final int addAt;
        private final int promoteAt;
        private final int clearAt;

        Steps(Peer peer, RandomGenerator random) {
            this.peer = peer;
            this.addAt = random.nextInt(1800);
            this.promoteAt = addAt + random.nextInt(1800);
            this.clearAt = promoteAt + 1 + random.nextInt(1800);
        }

        void run(int second, int clearedFrom) {
            if (second == addAt) {
                peer.setPendingPresharedKey(fresh);
            }
            if (second == promoteAt) {
                assertTrue(peer.promotePendingPresharedKey());
            }
            if (second == Math.max(clearAt, clearedFrom)) {
                peer.setPendingPresharedKey(null);
            }
        }
    }
}
