package dev.warren.protocol.wireguard;

import static dev.warren.protocol.wireguard.VirtualLink.SECOND;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.protocol.key.NodePublicKey;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What an interface does when it goes down and comes up. */
@Timeout(30)
class InterfaceStateTest {
    private static final long DELAY = 20_000_000L;

    private final TestNode a = new TestNode(1);
    private final TestNode b = new TestNode(2);
    private final Peer bAtA = a.add(b, "10.0.0.2/32");
    private final VirtualLink link = new VirtualLink(a, b, DELAY, SECOND);
    private final byte[] toB = Packets.ipv4("10.0.0.1", "10.0.0.2", 84);

    InterfaceStateTest() {
        b.add(a, "10.0.0.1/32");
    }

    @Test
    void shouldForgetSessionsAndTimersWhenItGoesDown() {
        connect();
        Session session = bAtA.keypairs().current();
        assertNotNull(session);
        a.device.down();
        assertFalse(bAtA.hasSession(link.nowNanos));
        assertFalse(session.maySend(link.nowNanos));
        assertEquals(0, a.device.indices().size());
        assertEquals(PeerTimers.NEVER, a.device.nextDeadlineNanos());
    }

    @Test
    void shouldNeitherSendNorTakeAnythingWhileDown() {
        connect();
        b.send(Packets.ipv4("10.0.0.2", "10.0.0.1", 84), link.nowNanos);
        byte[] late = b.transmitted.remove();
        a.device.down();
        a.receive(late, b, link.nowNanos);
        a.send(toB, link.nowNanos);
        a.device.initiate(bAtA, link.nowNanos);
        bAtA.setPersistentKeepalive(25, link.nowNanos);
        assertEquals(List.of(DropReason.INTERFACE_DOWN, DropReason.INTERFACE_DOWN), a.dropped);
        assertEquals(0, a.transmitted.size());
        assertEquals(0, a.delivered.size());
    }

    @Test
    void shouldOpenTheLinesThatAreToBeKeptOpenWhenItComesUp() {
        a.device.down();
        bAtA.setPersistentKeepalive(25, link.nowNanos);
        assertEquals(0, a.transmitted.size());
        a.device.up(link.nowNanos);
        assertEquals(1, a.transmitted.size());
        a.device.up(link.nowNanos);
        assertEquals(1, a.transmitted.size(), "it was up");
        link.run(SECOND);
        assertTrue(bAtA.hasSession(link.nowNanos));
    }

    @Test
    void shouldStartAtOnceAfterAShortTimeDown() {
        connect();
        a.device.down();
        a.device.up(link.nowNanos);
        a.send(toB, link.nowNanos);
        link.run(SECOND);
        assertEquals(1, b.delivered.size(), "no five seconds since the last handshake to wait for");
    }

    @Test
    void shouldCountThePacketsThatWaited() {
        a.send(toB, SECOND);
        a.device.down();
        assertEquals(List.of(DropReason.PEER_STOPPED), a.dropped);
        a.device.up(SECOND);
        a.send(toB, SECOND);
        a.device.removePeer(b.publicKey());
        assertEquals(List.of(DropReason.PEER_STOPPED, DropReason.PEER_STOPPED), a.dropped);
    }

    @Test
    void shouldKeepNothingWaitingForALowOrderKey() {
        Peer weak = a.device.addPeer(NodePublicKey.parseHex(LowOrder.KEYS.getFirst()), 0);
        a.device.allowedIps().insert(IpPrefix.parse("10.9.9.9/32"), weak);
        for (int i = 0; i < 50; i++) {
            a.send(Packets.ipv4("10.0.0.1", "10.9.9.9", 64), link.nowNanos);
            link.run(SECOND);
        }
        link.run(10 * SECOND);
        assertTrue(weak.staged().isEmpty());
        assertEquals(0, a.transmitted.size());
        assertEquals(PeerTimers.NEVER, a.device.nextDeadlineNanos());
    }

    private void connect() {
        a.device.initiate(bAtA, link.nowNanos);
        link.run(SECOND / 10);
        assertTrue(bAtA.hasSession(link.nowNanos));
    }
}
