package dev.warren.protocol.wireguard;

import static dev.warren.protocol.wireguard.VirtualLink.SECOND;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.protocol.key.NodePrivateKey;
import dev.warren.protocol.key.PresharedKey;
import dev.warren.protocol.key.SecretMemory;
import dev.warren.protocol.testing.Seeds;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What is secret is filled with zeros as soon as it has no use any more: looked up in the memory where it was. */
@Timeout(30)
class KeyErasureTest {
    private static final long DELAY = 20_000_000L;

    private final CipherLedger ciphers = new CipherLedger();
    private final TestNode a = new TestNode(1, Seeds.random(1), ciphers);
    private final TestNode b = new TestNode(2);
    private final Peer bAtA = a.add(b, "10.0.0.2/32");
    private final VirtualLink link = new VirtualLink(a, b, DELAY, SECOND);

    KeyErasureTest() {
        b.add(a, "10.0.0.1/32");
    }

    @Test
    void shouldWipeAHandshakeThatIsTriedAgain() {
        InitiatorHandshake first = initiate();
        link.lost = _ -> true;
        link.run(6 * SECOND);
        assertNotSame(first, bAtA.handshakes().inFlight());
        assertTrue(first.isWiped());
    }

    @Test
    void shouldWipeAHandshakeThatIsDone() {
        InitiatorHandshake handshake = initiate();
        link.run(SECOND);
        assertTrue(bAtA.hasSession(link.nowNanos));
        assertTrue(handshake.isWiped());
    }

    @Test
    void shouldWipeAHandshakeWhenThePeersOwnHasLedToASession() {
        InitiatorHandshake handshake = initiate();
        a.transmitted.clear(); // on its way for long
        b.device.initiate(b.add(a), link.nowNanos);
        a.receive(b.transmitted.remove(), b, link.nowNanos);
        assertFalse(handshake.isWiped());
        b.receive(a.transmitted.remove(), a, link.nowNanos);
        a.receive(b.transmitted.remove(), b, link.nowNanos);
        assertTrue(bAtA.hasSession(link.nowNanos));
        assertTrue(handshake.isWiped());
        assertEquals(1, a.device.indices().size());
    }

    @Test
    void shouldWipeAHandshakeThatNobodyAnswersAfterNineMinutes() {
        link.lost = _ -> true;
        initiate();
        link.run(110 * SECOND);
        InitiatorHandshake last = bAtA.handshakes().inFlight();
        assertNotNull(last);
        assertFalse(last.isWiped());
        link.run(541 * SECOND);
        assertTrue(last.isWiped());
        assertEquals(0, a.device.indices().size());
    }

    @Test
    void shouldWipeEverythingOfAPeerThatIsRemoved() {
        InitiatorHandshake handshake = initiate();
        bAtA.setPresharedKey(PresharedKey.generate(Seeds.random(8)));
        PresharedKey preshared = bAtA.presharedKey();
        SecretMemory shared = sharedSecret();
        a.device.removePeer(b.publicKey());
        assertTrue(handshake.isWiped());
        assertTrue(preshared.isZero());
        assertTrue(shared.isZero());
    }

    @Test
    void shouldWipeTheOldPrivateKeyAndWhatWasMadeOfIt() {
        InitiatorHandshake handshake = initiate();
        NodePrivateKey old = a.device.identity().privateKey();
        SecretMemory shared = sharedSecret();
        assertFalse(old.isZero());
        a.device.setPrivateKey(NodePrivateKey.generate(Seeds.random(7)), link.nowNanos);
        assertTrue(old.isZero());
        assertTrue(handshake.isWiped());
        assertTrue(shared.isZero());
        assertFalse(sharedSecret().isZero(), "the secret shared with the new key");
    }

    @Test
    void shouldWipeEverythingWhenClosed() {
        InitiatorHandshake handshake = initiate();
        NodePrivateKey key = a.device.identity().privateKey();
        SecretMemory shared = sharedSecret();
        a.device.close();
        assertTrue(key.isZero());
        assertTrue(handshake.isWiped());
        assertTrue(shared.isZero());
        assertFalse(a.key.isZero(), "the caller's is the caller's");
    }

    /** Whether it is taken or not: from nobody's peer, not the peer's, seen before, too soon. */
    @Test
    void shouldWipeAnInitiationThatIsWorkedOn() {
        byte[] stranger = initiationOf(new TestNode(3));
        byte[] forged = initiationOf(b);
        forged[100] ^= 1; // in the sealed timestamp
        new CookieJar(a.publicKey()).stamp(forged, 0, forged.length, link.nowNanos);
        byte[] good = initiationOf(b);
        byte[] soon = initiationOf(b);
        List<byte[]> messages = List.of(stranger, forged, good, good, soon);
        List<DropReason> reasons = List.of(
                DropReason.UNKNOWN_PEER,
                DropReason.NOT_AUTHENTIC,
                DropReason.OLD_TIMESTAMP,
                DropReason.INITIATION_FLOOD);

        List<ResponderHandshake> opened = new ArrayList<>();
        Handshaker handshaker = new Handshaker(a.device, (me, message) -> {
            ResponderHandshake one = ResponderHandshake.open(me, message);
            assertNotNull(one);
            assertFalse(one.state().isWiped());
            opened.add(one);
            return one;
        });
        for (byte[] message : messages) {
            handshaker.intake().offer(message, message.length, b.origin, link.nowNanos);
            assertTrue(handshaker.work(link.nowNanos));
        }
        assertEquals(reasons, a.dropped);
        assertEquals(messages.size(), opened.size());
        assertTrue(opened.stream().allMatch(one -> one.state().isWiped()));
    }

    private byte[] initiationOf(TestNode from) {
        Peer peer = from.add(a);
        link.nowNanos += 6 * SECOND;
        from.device.initiate(peer, link.nowNanos);
        return from.transmitted.remove();
    }

    @Test
    void shouldWipeTheSecretOfCookiesWithTheKeyThatTheyAreFor() {
        CookieChecker checker = checker();
        byte[] message = initiationOf(b);
        checker.reply(message, 0, message.length, b.origin, link.nowNanos);
        assertFalse(checker.isWiped());
        a.device.setPrivateKey(NodePrivateKey.generate(Seeds.random(7)), link.nowNanos);
        assertTrue(checker.isWiped());
        CookieChecker later = checker();
        later.reply(message, 0, message.length, b.origin, link.nowNanos);
        assertFalse(later.isWiped());
        a.device.close();
        assertTrue(later.isWiped());
    }

    private CookieChecker checker() {
        byte[] message = Flood.message(a.device.publicKey(), 1);
        OwnKeys.Key key = a.device.ownKeys().addressee(message, 0, message.length);
        assertNotNull(key);
        return key.checker();
    }

    @Test
    void shouldHoldTheKeysOfThreeSessionsAtMost() {
        for (int i = 0; i < 40; i++) {
            a.send(Packets.ipv4("10.0.0.1", "10.0.0.2", 60), link.nowNanos);
            link.run(30 * SECOND);
            assertTrue(ciphers.open <= 6, "two keys each: " + ciphers.open);
        }
        assertTrue(ciphers.made >= 14, "a renewal every two minutes or so");
    }

    @Test
    void shouldWipeSessionKeysAfterNineMinutes() {
        connect();
        link.run(538 * SECOND);
        assertEquals(2, ciphers.open);
        link.run(2 * SECOND);
        assertEquals(0, ciphers.open);
    }

    @Test
    void shouldWipeTheSessionKeysOfAPeerThatIsRemoved() {
        connect();
        a.device.removePeer(b.publicKey());
        assertEquals(0, ciphers.open);
    }

    @Test
    void shouldWipeSessionKeysWhenTheInterfaceGoesDown() {
        connect();
        a.device.down();
        assertEquals(0, ciphers.open);
    }

    @Test
    void shouldWipeSessionKeysWhenClosed() {
        connect();
        a.device.close();
        assertEquals(0, ciphers.open);
    }

    private void connect() {
        initiate();
        link.run(SECOND);
        assertEquals(2, ciphers.open);
    }

    private SecretMemory sharedSecret() {
        return bAtA.keys().current().secretWith(a.device.identity());
    }

    private InitiatorHandshake initiate() {
        a.device.initiate(bAtA, link.nowNanos);
        InitiatorHandshake handshake = bAtA.handshakes().inFlight();
        assertNotNull(handshake);
        assertFalse(handshake.isWiped());
        return handshake;
    }
}
