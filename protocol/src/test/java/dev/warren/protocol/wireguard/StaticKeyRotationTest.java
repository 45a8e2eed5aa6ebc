package dev.warren.protocol.wireguard;

import static dev.warren.protocol.wireguard.VirtualLink.SECOND;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.protocol.key.NodePrivateKey;
import dev.warren.protocol.key.NodePublicKey;
import dev.warren.protocol.key.SecretMemory;
import dev.warren.protocol.testing.Seeds;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A device changes its static key, step by step; the other end is told before, or is not. */
@Timeout(30)
class StaticKeyRotationTest {
    private static final long DELAY = 20_000_000L;

    private final NodePrivateKey next = NodePrivateKey.generate(Seeds.random(11));
    private final TestNode a = new TestNode(1);
    private final TestNode b = new TestNode(2);
    private final Peer bAtA = a.add(b, "10.0.0.2/32");
    private final Peer aAtB = b.add(a, "10.0.0.1/32");
    private final VirtualLink link = new VirtualLink(a, b, DELAY, SECOND);
    private final byte[] toB = Packets.ipv4("10.0.0.1", "10.0.0.2", 84);
    private final byte[] toA = Packets.ipv4("10.0.0.2", "10.0.0.1", 84);

    private void connect() {
        a.send(toB, link.nowNanos);
        link.run(2 * SECOND);
        assertEquals(1, b.delivered.size());
    }

    @Test
    void shouldGoOnWithItsSessionsAndRenewThemAtTheNextPacket() {
        connect();
        aAtB.setPendingPublicKey(next.publicKey());
        a.device.setPendingPrivateKey(next);
        assertTrue(a.device.promotePendingPrivateKey());
        assertEquals(next.publicKey(), a.device.publicKey());
        assertEquals(a.publicKey(), a.device.pendingPublicKey());
        assertTrue(bAtA.hasSession(link.nowNanos));
        assertTrue(a.transmitted.isEmpty(), "nothing to say, nothing is sent");

        a.send(toB, link.nowNanos);
        assertEquals(2, a.transmitted.size(), "the packet, and an initiation behind it");
        assertEquals(InitiationMessage.LENGTH, a.transmitted.getLast().length);
        link.run(SECOND);
        assertEquals(2, b.delivered.size());
        assertEquals(2, a.established);
        assertEquals(next.publicKey(), aAtB.publicKey());
        assertNull(aAtB.pendingPublicKey());
        assertEquals(next.publicKey(), bAtA.ownKeyInUse());
        assertSame(aAtB, b.device.peer(next.publicKey()));
        assertNull(b.device.peer(a.publicKey()));
        b.send(toA, link.nowNanos);
        link.run(SECOND);
        assertEquals(1, a.delivered.size());
        assertEquals(List.of(), a.dropped);
        assertEquals(List.of(), b.dropped);
    }

    @Test
    void shouldBeRenewedByTheEndThatOnlyListens() {
        connect();
        aAtB.setPendingPublicKey(next.publicKey());
        a.device.setPendingPrivateKey(next);
        a.device.promotePendingPrivateKey();
        b.send(toA, link.nowNanos);
        link.run(SECOND);
        assertEquals(next.publicKey(), aAtB.publicKey());
    }

    @Test
    void shouldAnswerUnderTheKeyThatIsNotInUseYetWithoutBeingTakenForChanged() {
        a.device.setPendingPrivateKey(next);
        aAtB.setPendingPublicKey(next.publicKey());
        link.lost = message -> message.length == InitiationMessage.LENGTH && link.nowNanos < 3 * SECOND;
        b.send(toA, link.nowNanos);
        link.run(8 * SECOND);
        assertEquals(1, a.delivered.size(), "the second try was for the next key");
        assertEquals(next.publicKey(), bAtA.ownKeyInUse());
        assertEquals(a.publicKey(), aAtB.publicKey(), "before its date, a may still start under the old key");
        link.run(200 * SECOND);
        a.send(toB, link.nowNanos);
        link.run(SECOND);
        assertEquals(1, b.delivered.size());
        assertEquals(List.of(), b.dropped);

        link.run(200 * SECOND);
        b.device.initiate(aAtB, link.nowNanos);
        InitiatorHandshake begun = Objects.requireNonNull(aAtB.handshakes().inFlight());
        assertEquals(next.publicKey(), begun.towards().publicKey(), "the key that was answered last");
    }

    /** Its own keys and the peer's, as either may be the one that the other end does not know. */
    @Test
    void shouldTryEachOfItsKeysWithEachOfThePeers() {
        bAtA.setPendingPublicKey(NodePrivateKey.generate(Seeds.random(13)).publicKey());
        a.device.setPendingPrivateKey(next);
        a.device.promotePendingPrivateKey();
        Set<List<NodePublicKey>> tried = new HashSet<>();
        for (int i = 0; i < 4; i++) {
            a.device.initiate(bAtA, link.nowNanos + 5L * i * SECOND);
            InitiatorHandshake begun = Objects.requireNonNull(bAtA.handshakes().inFlight());
            tried.add(List.of(begun.me().publicKey(), begun.towards().publicKey()));
        }
        assertEquals(4, tried.size());
    }

    /** It is our own key that only we can show. */
    @Test
    void shouldRenewNothingSinceAnotherKeyOfThePeersIsExpected() {
        a.send(toB, link.nowNanos);
        bAtA.setPendingPublicKey(next.publicKey());
        link.run(6 * SECOND);
        assertEquals(1, a.established);
    }

    @Test
    void shouldFallBackToTheOldKeyForAPeerThatWasNotTold() {
        a.device.setPendingPrivateKey(next);
        a.device.promotePendingPrivateKey();
        a.send(toB, link.nowNanos);
        link.run(SECOND);
        assertEquals(List.of(DropReason.UNKNOWN_PEER), b.dropped);
        link.run(5 * SECOND);
        assertEquals(1, b.delivered.size());
        assertEquals(a.publicKey(), bAtA.ownKeyInUse(), "what the owner has to know before it drops that key");
        link.run(6 * SECOND);
        assertEquals(2, a.established + b.established, "and once that has worked, it is left at that");
        assertEquals(List.of(DropReason.UNKNOWN_PEER), b.dropped);

        a.device.setPendingPrivateKey(null);
        link.run(200 * SECOND);
        a.send(toB, link.nowNanos);
        link.run(100 * SECOND);
        assertEquals(1, b.delivered.size(), "with the old key gone, the peer knows nobody any more");
    }

    @Test
    void shouldLeaveHalfASecondBetweenTwoHandshakesHoweverSoonItsKeyIsChanged() {
        a.send(toB, link.nowNanos);
        link.run(SECOND / 10);
        aAtB.setPendingPublicKey(next.publicKey());
        a.device.setPendingPrivateKey(next);
        a.device.promotePendingPrivateKey();
        a.send(toB, link.nowNanos);
        assertEquals(1, a.transmitted.size(), "the packet alone");
        link.run(SECOND * 3 / 10);
        assertEquals(1, a.established);
        link.run(SECOND);
        assertEquals(2, a.established, "and no five seconds, as between two tries");
        assertEquals(next.publicKey(), aAtB.publicKey());
    }

    /** Only tries without an answer take turns with the old key, which the peer has forgotten. */
    @Test
    void shouldBeginEveryRenewalUnderItsNewKey() {
        aAtB.setPendingPublicKey(next.publicKey());
        a.device.setPendingPrivateKey(next);
        a.device.promotePendingPrivateKey();
        for (int session = 1; session <= 3; session++) {
            a.send(toB, link.nowNanos);
            link.run(SECOND);
            assertEquals(session, a.established);
            link.run(200 * SECOND);
        }
        assertEquals(List.of(), b.dropped);
    }

    @Test
    void shouldAskAnewOnReceivingThoughItHasAskedUnderTheOldKey() {
        connect();
        long dueNanos = link.nowNanos + 170 * SECOND;
        b.send(toA, dueNanos);
        a.receive(b.transmitted.remove(), b, dueNanos);
        assertEquals(InitiationMessage.LENGTH, a.transmitted.remove().length);
        a.device.setPendingPrivateKey(next);
        a.device.promotePendingPrivateKey();
        b.send(toA, dueNanos + SECOND);
        a.receive(b.transmitted.remove(), b, dueNanos + SECOND);
        assertEquals(InitiationMessage.LENGTH, a.transmitted.remove().length);
    }

    /** What ends with a key that is to come no more is what was begun under it. */
    @Test
    void shouldGoOnWithItsHandshakeWhenAnotherKeyIsToCome() {
        a.device.setPendingPrivateKey(next);
        a.send(toB, link.nowNanos);
        a.device.setPendingPrivateKey(NodePrivateKey.generate(Seeds.random(12)));
        link.run(SECOND);
        assertEquals(1, b.delivered.size());
    }

    /** It answers under the old key what was under way, and is not to wait five seconds after that. */
    @Test
    void shouldShowItsNewKeyHalfASecondAfterItsAnswer() {
        connect();
        a.device.setPendingPrivateKey(next);
        a.device.promotePendingPrivateKey();
        link.run(6 * SECOND);
        b.device.initiate(aAtB, link.nowNanos);
        a.receive(b.transmitted.remove(), b, link.nowNanos);
        assertEquals(ResponseMessage.LENGTH, a.transmitted.remove().length);
        a.device.initiate(bAtA, link.nowNanos + SECOND / 2 - 1);
        assertTrue(a.transmitted.isEmpty());
        a.device.initiate(bAtA, link.nowNanos + SECOND / 2);
        assertEquals(InitiationMessage.LENGTH, a.transmitted.remove().length);
    }

    /** The hurry is for the first of them only. */
    @Test
    void shouldWaitFiveSecondsAsUsualAfterTheFirstHandshakeUnderItsNewKey() {
        connect();
        a.device.setPendingPrivateKey(next);
        a.device.promotePendingPrivateKey();
        link.run(6 * SECOND);
        long begunNanos = link.nowNanos;
        a.device.initiate(bAtA, begunNanos);
        assertEquals(InitiationMessage.LENGTH, a.transmitted.remove().length);
        a.device.initiate(bAtA, begunNanos + 5 * SECOND - 1);
        assertTrue(a.transmitted.isEmpty(), "after one of its own");

        long answeredNanos = begunNanos + 6 * SECOND;
        b.device.initiate(aAtB, answeredNanos);
        a.receive(b.transmitted.remove(), b, answeredNanos);
        assertEquals(ResponseMessage.LENGTH, a.transmitted.remove().length);
        a.device.initiate(bAtA, answeredNanos + 5 * SECOND - 1);
        assertTrue(a.transmitted.isEmpty(), "after one of the peer's");
        a.device.initiate(bAtA, answeredNanos + 5 * SECOND);
        assertEquals(1, a.transmitted.size());
    }

    /** Whoever had a handshake under way when the key was changed: the session that comes of it is not the last word. */
    @Test
    void shouldShowItsNewKeyAfterAHandshakeThatWasUnderWayAtTheChange() {
        connect();
        aAtB.setPendingPublicKey(next.publicKey());
        a.device.setPendingPrivateKey(next);
        link.run(6 * SECOND);
        b.device.initiate(aAtB, link.nowNanos);
        link.run(DELAY / 2);
        a.device.promotePendingPrivateKey();
        link.run(SECOND / 4);
        assertEquals(a.publicKey(), bAtA.ownKeyInUse());
        a.send(toB, link.nowNanos);
        link.run(7 * SECOND);
        assertEquals(next.publicKey(), aAtB.publicKey(), "b's was under way");

        NodePrivateKey third = NodePrivateKey.generate(Seeds.random(12));
        aAtB.setPendingPublicKey(third.publicKey());
        a.device.setPendingPrivateKey(third);
        a.device.initiate(bAtA, link.nowNanos);
        link.run(DELAY / 2);
        a.device.promotePendingPrivateKey();
        link.run(SECOND / 4);
        assertEquals(next.publicKey(), bAtA.ownKeyInUse());
        a.send(toB, link.nowNanos);
        link.run(7 * SECOND);
        assertEquals(third.publicKey(), aAtB.publicKey(), "a's was under way");
    }

    @Test
    void shouldForgetAKeyThatWasReplaced() {
        connect();
        aAtB.setPendingPublicKey(next.publicKey());
        a.device.setPendingPrivateKey(next);
        a.device.promotePendingPrivateKey();
        a.send(toB, link.nowNanos);
        link.run(SECOND);
        a.device.setPendingPrivateKey(null);

        TestNode thief = new TestNode(1);
        thief.device.setUnixOffset(TestNode.UNIX_OFFSET_NANOS + 100 * SECOND);
        thief.add(b, "10.0.0.2/32");
        thief.send(toB, link.nowNanos);
        b.receive(thief.transmitted.remove(), thief, link.nowNanos);
        assertEquals(List.of(DropReason.UNKNOWN_PEER), b.dropped);
        assertTrue(b.transmitted.isEmpty());

        TestNode late = new TestNode(3);
        Peer oldA = late.add(a, "10.0.0.1/32");
        a.add(late, "10.0.0.3/32");
        late.device.initiate(oldA, link.nowNanos);
        a.receive(late.transmitted.remove(), late, link.nowNanos);
        assertEquals(List.of(DropReason.BAD_MAC), a.dropped, "nobody is called that here any more");
    }

    @Test
    void shouldFollowAPeerThatChangedTwiceInSilence() {
        NodePrivateKey third = NodePrivateKey.generate(Seeds.random(12));
        connect();
        a.device.setPendingPrivateKey(next);
        aAtB.setPendingPublicKey(next.publicKey());
        a.device.promotePendingPrivateKey();
        a.device.setPendingPrivateKey(third);
        link.lost = _ -> true; // nor a keepalive
        link.run(200 * SECOND);
        link.lost = _ -> false;
        assertTrue(aAtB.adoptPendingPublicKey());
        assertFalse(aAtB.adoptPendingPublicKey());
        aAtB.setPendingPublicKey(third.publicKey());
        a.send(toB, link.nowNanos);
        link.run(6 * SECOND);
        assertEquals(2, b.delivered.size());
    }

    @Test
    void shouldMakeCookiesForBothKeysUnderLoad() {
        a.device.setPendingPrivateKey(next);
        a.device.promotePendingPrivateKey();
        aAtB.setPendingPublicKey(next.publicKey());
        flood(a, link.nowNanos);
        b.device.initiate(aAtB, link.nowNanos);
        a.receive(b.transmitted.remove(), b, link.nowNanos);
        b.receive(a.replies.remove(), a, link.nowNanos);
        assertEquals(List.of(), b.dropped, "the reply is for the old key");
        link.lost = message -> message.length == ResponseMessage.LENGTH;
        b.device.poll(link.nowNanos + 6 * SECOND);
        flood(a, link.nowNanos + 6 * SECOND);
        a.receive(b.transmitted.remove(), b, link.nowNanos + 6 * SECOND);
        b.receive(a.replies.remove(), a, link.nowNanos + 6 * SECOND);
        assertEquals(List.of(), b.dropped, "and this one for the new");
    }

    private static void flood(TestNode node, long nowNanos) {
        node.device.holdHandshakes();
        new Flood(node, Seeds.random(1), 192, 0).arrive(2000, nowNanos);
        node.work(nowNanos);
        node.replies.clear();
    }

    @Test
    void shouldRefuseKeysThatBelongToSomebodyElse() {
        TestNode c = new TestNode(3);
        a.add(c, "10.0.0.3/32");
        assertThrows(IllegalArgumentException.class, () -> bAtA.setPendingPublicKey(c.publicKey()));
        assertThrows(IllegalArgumentException.class, () -> bAtA.setPendingPublicKey(b.publicKey()));
        assertThrows(IllegalArgumentException.class, () -> bAtA.setPendingPublicKey(a.publicKey()));
        assertThrows(IllegalArgumentException.class, () -> a.device.setPendingPrivateKey(a.key));
        assertThrows(IllegalArgumentException.class, () -> a.device.setPendingPrivateKey(b.key));
        for (String hex : LowOrder.KEYS) {
            NodePublicKey weak = NodePublicKey.parse("nodekey:" + hex);
            assertThrows(IllegalArgumentException.class, () -> bAtA.setPendingPublicKey(weak));
        }
        assertNull(bAtA.pendingPublicKey());
        a.device.setPendingPrivateKey(next);
        assertThrows(IllegalArgumentException.class, () -> bAtA.setPendingPublicKey(next.publicKey()));
        assertThrows(IllegalArgumentException.class, () -> a.device.addPeer(next.publicKey(), 0));
    }

    @Test
    void shouldKeepTheOrderOfItsPeersAndLetAPeerOfItsOwnGoBefore() {
        TestNode c = new TestNode(3);
        Peer cAtA = a.add(c, "10.0.0.3/32");
        bAtA.setPendingPublicKey(next.publicKey());
        bAtA.adoptPendingPublicKey();
        assertEquals(List.of(bAtA, cAtA), List.copyOf(a.device.peers()));
        assertEquals(bAtA, a.device.allowedIps().owner(IpPrefix.parse("10.0.0.2/32")));

        cAtA.setPendingPublicKey(b.publicKey());
        Peer again = a.device.addPeer(b.publicKey(), 0);
        assertNull(cAtA.pendingPublicKey(), "who is a peer already is nobody's next key");
        assertEquals(List.of(bAtA, cAtA, again), List.copyOf(a.device.peers()));
        cAtA.setPendingPublicKey(keyOfNobody());
        assertTrue(a.device.removePeer(c.publicKey()));
        assertNull(a.device.peerOf(keyOfNobody()));
    }

    private static NodePublicKey keyOfNobody() {
        return NodePrivateKey.generate(Seeds.random(99)).publicKey();
    }

    @Test
    void shouldWipeWhatIsReplaced() {
        a.device.setPendingPrivateKey(next);
        LocalIdentity pending = a.device.ownKeys().pending();
        assertNotNull(pending);
        SecretMemory shared = bAtA.keys().current().secretWith(pending);
        a.device.setPendingPrivateKey(null);
        assertTrue(pending.privateKey().isZero());
        assertTrue(shared.isZero());
        assertFalse(next.isZero(), "the caller's is the caller's");

        a.device.setPendingPrivateKey(next);
        a.device.promotePendingPrivateKey();
        LocalIdentity old = a.device.ownKeys().pending();
        assertNotNull(old);
        a.device.initiate(bAtA, link.nowNanos);
        a.device.poll(link.nowNanos + 6 * SECOND);
        InitiatorHandshake fallback = bAtA.handshakes().inFlight();
        assertNotNull(fallback);
        assertEquals(old, fallback.me());
        a.device.setPendingPrivateKey(null);
        assertTrue(fallback.isWiped(), "a handshake under a key that is gone");
        assertTrue(old.privateKey().isZero());

        SecretMemory ofTheirOld = bAtA.keys().current().secretWith(a.device.identity());
        bAtA.setPendingPublicKey(keyOfNobody());
        bAtA.adoptPendingPublicKey();
        assertTrue(ofTheirOld.isZero());
        a.device.setPendingPrivateKey(a.key);
        LocalIdentity last = a.device.ownKeys().pending();
        assertNotNull(last);
        a.device.close();
        assertTrue(last.privateKey().isZero());
    }

    @Test
    void shouldForgetAPendingKeyWhenItsKeyIsSetOutright() {
        connect();
        a.device.setPendingPrivateKey(next);
        a.device.setPrivateKey(NodePrivateKey.generate(Seeds.random(5)), link.nowNanos);
        assertNull(a.device.pendingPublicKey());
        assertFalse(bAtA.hasSession(link.nowNanos));
        assertFalse(a.device.promotePendingPrivateKey());
    }
}
