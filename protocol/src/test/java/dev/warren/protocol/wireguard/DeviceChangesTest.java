package dev.warren.protocol.wireguard;

import static dev.warren.protocol.wireguard.VirtualLink.SECOND;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.protocol.key.NodePrivateKey;
import dev.warren.protocol.key.NodePublicKey;
import dev.warren.protocol.key.PresharedKey;
import dev.warren.protocol.testing.Seeds;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What follows at once when somebody changes a device or a peer: what is sent, and what is due when. */
@Timeout(30)
class DeviceChangesTest extends TwoNodes {
    private final NodePrivateKey fresh = NodePrivateKey.generate(Seeds.random(70));

    @Test
    void shouldTakeTheNextHandshakeSoonWhenAPeersKeyIsGoingToChange() {
        a.device.initiate(bAtA, SECOND);
        assertEquals(6 * SECOND, bAtA.handshakes().mayInitiateAtNanos());
        bAtA.setPendingPublicKey(fresh.publicKey());
        assertEquals(
                SECOND + Constants.KEY_CHANGE_INTERVAL_NANOS, bAtA.handshakes().mayInitiateAtNanos());
    }

    @Test
    void shouldTakeTheNextHandshakeSoonAfterAPromotedPresharedKey() {
        assertFalse(bAtA.promotePendingPresharedKey(), "there is none");
        a.device.initiate(bAtA, SECOND);
        assertFalse(bAtA.promotePendingPresharedKey());
        assertEquals(6 * SECOND, bAtA.handshakes().mayInitiateAtNanos(), "nothing was changed");
        bAtA.setPendingPresharedKey(PresharedKey.generate(Seeds.random(71)));
        assertTrue(bAtA.promotePendingPresharedKey());
        assertEquals(
                SECOND + Constants.KEY_CHANGE_INTERVAL_NANOS, bAtA.handshakes().mayInitiateAtNanos());
    }

    @Test
    void shouldRefuseIntervalsThatAreNone() {
        assertThrows(IllegalArgumentException.class, () -> bAtA.setPersistentKeepalive(-1, SECOND));
        assertThrows(IllegalArgumentException.class, () -> bAtA.setPersistentKeepalive(65_536, SECOND));
        bAtA.setPersistentKeepalive(65_535, SECOND);
        assertEquals(65_535, bAtA.persistentKeepaliveSeconds());
    }

    @Test
    void shouldSendAKeepaliveWhenThatIsSwitchedOnAndOnlyThen() {
        connect();
        bAtA.setPersistentKeepalive(0, link.nowNanos);
        assertEquals(0, a.transmitted.size());
        bAtA.setPersistentKeepalive(25, link.nowNanos);
        assertEquals(1, a.transmitted.size());
        assertEquals(link.nowNanos + 25 * SECOND, a.device.nextDeadlineNanos());
        bAtA.setPersistentKeepalive(60, link.nowNanos);
        assertEquals(1, a.transmitted.size(), "it was on");
        bAtA.setPersistentKeepalive(0, link.nowNanos);
        assertTrue(a.device.nextDeadlineNanos() > link.nowNanos + 60 * SECOND);
    }

    @Test
    void shouldExpectNobodyWhereARemovedPeerWas() {
        bAtA.setEndpoint(new InetSocketAddress("192.0.2.7", 9));
        assertEquals(1, a.device.knownSources().numbers().size());
        a.device.removePeer(b.publicKey());
        assertEquals(Set.of(), a.device.knownSources().numbers());
    }

    @Test
    void shouldHaveNothingToDoWhenItIsDown() {
        connect();
        bAtA.setPersistentKeepalive(25, link.nowNanos);
        a.device.down();
        assertEquals(PeerTimers.NEVER, a.device.nextDeadlineNanos());
    }

    @Test
    void shouldNotGiveAPeerTheKeyThatIsItsOwnNow() {
        bAtA.setPendingPublicKey(fresh.publicKey());
        a.device.setPrivateKey(fresh, SECOND);
        assertNull(bAtA.pendingPublicKey());
        assertNull(a.device.peerOf(fresh.publicKey()));
    }

    @Test
    void shouldBeginAnewAfterAChangeOfItsKeyWhereThereIsAReason() {
        connect();
        a.device.setPrivateKey(fresh, link.nowNanos);
        assertEquals(0, a.transmitted.size(), "nothing waits");

        a.send(toB, link.nowNanos);
        a.transmitted.clear();
        link.nowNanos += SECOND;
        a.device.setPrivateKey(NodePrivateKey.generate(Seeds.random(72)), link.nowNanos);
        assertEquals(1, a.transmitted.size(), "a packet waits");
        long dueNanos = a.device.nextDeadlineNanos() - link.nowNanos;
        assertTrue(dueNanos >= 5 * SECOND && dueNanos <= 5 * SECOND + Constants.REKEY_JITTER_NANOS, "in " + dueNanos);
    }

    @Test
    void shouldKeepALineOpenUnderAnotherKey() {
        connect();
        bAtA.setPersistentKeepalive(25, link.nowNanos);
        a.transmitted.clear();
        a.device.setPrivateKey(fresh, link.nowNanos);
        assertEquals(1, a.transmitted.size());
        a.device.down();
        a.transmitted.clear();
        a.device.setPrivateKey(NodePrivateKey.generate(Seeds.random(72)), link.nowNanos);
        assertEquals(0, a.transmitted.size(), "not while it is down");
    }

    @Test
    void shouldHastenOnlyWhatWaits() {
        a.device.hasten(bAtA, SECOND);
        assertEquals(0, a.transmitted.size(), "nothing waits");
        a.device.initiate(bAtA, SECOND);
        a.device.hasten(bAtA, SECOND + 1);
        assertEquals(2, a.transmitted.size(), "a handshake waits, and goes out again at once");
        a.device.down();
        a.device.hasten(bAtA, SECOND + 2);
        assertEquals(2, a.transmitted.size());
    }

    @Test
    void shouldForgetANextKeyInFavourOfAnother() {
        NodePublicKey second = NodePrivateKey.generate(Seeds.random(73)).publicKey();
        bAtA.setPendingPublicKey(fresh.publicKey());
        bAtA.setPendingPublicKey(second);
        assertNull(a.device.peerOf(fresh.publicKey()));
        assertSame(bAtA, a.device.peerOf(second));
        bAtA.setPendingPublicKey(null);
        assertNull(a.device.peerOf(second));
    }

    @Test
    void shouldDropWhatWaitsWhenItIsClosed() {
        a.device.holdHandshakes();
        byte[] message = Flood.message(a.publicKey(), 1);
        a.device.receive(MemorySegment.ofArray(message), 0, message.length, 0, b.origin, SECOND);
        assertEquals(1, a.device.waitingHandshakes());
        a.device.close();
        assertEquals(0, a.device.waitingHandshakes());
    }

    @Test
    void shouldTellOfAPeerThatHasChangedItsKey() {
        List<NodePublicKey> told = new ArrayList<>();
        a.device.onPeerKeyChange((peer, before) -> {
            assertEquals(fresh.publicKey(), peer.publicKey());
            told.add(before);
        });
        bAtA.setPendingPublicKey(fresh.publicKey());
        assertEquals(List.of(), told);
        assertTrue(bAtA.adoptPendingPublicKey());
        assertEquals(List.of(b.publicKey()), told);
    }

    @Test
    void shouldCountWhatIsTooLongForAHandshake() {
        a.receive(new byte[InitiationMessage.LENGTH + 1], b, SECOND);
        assertEquals(List.of(DropReason.MALFORMED), a.dropped);
    }

    private void connect() {
        a.device.initiate(bAtA, link.nowNanos);
        link.run(SECOND);
        assertTrue(bAtA.hasSession(link.nowNanos));
    }
}
