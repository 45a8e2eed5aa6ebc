package dev.warren.protocol.wireguard;

import static dev.warren.protocol.wireguard.VirtualLink.SECOND;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.protocol.key.NodePrivateKey;
import dev.warren.protocol.key.PresharedKey;
import dev.warren.protocol.testing.Seeds;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What is secret is filled with zeros as soon as it has no use any more: looked up in the memory where it was. */
@Timeout(30)
class KeyErasureTest {
    private static final long DELAY = 20_000_000L;

    private final TestNode a = new TestNode(1);
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
        a.device.removePeer(b.publicKey());
        assertTrue(handshake.isWiped());
        assertTrue(preshared.isZero());
        assertTrue(bAtA.identity().isWiped());
    }

    @Test
    void shouldWipeTheOldPrivateKeyAndWhatWasMadeOfIt() {
        InitiatorHandshake handshake = initiate();
        NodePrivateKey old = a.device.identity().privateKey();
        assertFalse(old.isZero());
        a.device.setPrivateKey(NodePrivateKey.generate(Seeds.random(7)), link.nowNanos);
        assertTrue(old.isZero());
        assertTrue(handshake.isWiped());
        assertFalse(bAtA.identity().isWiped(), "the secret shared with the new key");
    }

    @Test
    void shouldWipeEverythingWhenClosed() {
        InitiatorHandshake handshake = initiate();
        NodePrivateKey key = a.device.identity().privateKey();
        a.device.close();
        assertTrue(key.isZero());
        assertTrue(handshake.isWiped());
        assertTrue(bAtA.identity().isWiped());
        assertFalse(a.key.isZero(), "the caller's is the caller's");
    }

    private InitiatorHandshake initiate() {
        a.device.initiate(bAtA, link.nowNanos);
        InitiatorHandshake handshake = bAtA.handshakes().inFlight();
        assertNotNull(handshake);
        assertFalse(handshake.isWiped());
        return handshake;
    }
}
