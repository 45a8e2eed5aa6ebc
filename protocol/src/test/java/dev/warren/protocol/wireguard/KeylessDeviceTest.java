package dev.warren.protocol.wireguard;

import static dev.warren.protocol.wireguard.VirtualLink.SECOND;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A device whose private key was taken away: the kernel's driver sends nothing then. */
@Timeout(30)
class KeylessDeviceTest {
    private final TestNode a = new TestNode(1);
    private final TestNode b = new TestNode(2);
    private final Peer bAtA = a.add(b, "10.0.0.2/32");
    private final VirtualLink link = new VirtualLink(a, b, 20_000_000L, SECOND);
    private final byte[] toB = Packets.ipv4("10.0.0.1", "10.0.0.2", 84);

    KeylessDeviceTest() {
        b.add(a, "10.0.0.1/32");
    }

    @Test
    void shouldSendNothingUntilItHasAKey() {
        a.device.forgetPrivateKey(link.nowNanos);
        assertFalse(a.device.hasPrivateKey());
        assertNotEquals(a.publicKey(), a.device.publicKey());
        bAtA.setPersistentKeepalive(25, link.nowNanos);
        a.send(toB, link.nowNanos);
        a.device.initiate(bAtA, link.nowNanos);
        link.run(300 * SECOND);
        assertEquals(0, bAtA.txBytes());
        assertEquals(PeerTimers.NEVER, a.device.nextDeadlineNanos());

        a.device.setPrivateKey(a.key, link.nowNanos);
        assertTrue(a.device.hasPrivateKey());
        link.run(SECOND);
        assertEquals(1, b.delivered.size(), "what waited goes out with the key");
        assertTrue(bAtA.hasSession(link.nowNanos));
    }

    @Test
    void shouldTakeTheKeyAwayFromASessionToo() {
        a.send(toB, link.nowNanos);
        link.run(SECOND);
        assertEquals(1, b.delivered.size());
        a.device.forgetPrivateKey(link.nowNanos);
        long before = bAtA.txBytes();
        a.send(toB, link.nowNanos);
        b.send(Packets.ipv4("10.0.0.2", "10.0.0.1", 84), link.nowNanos);
        link.run(300 * SECOND);
        assertEquals(before, bAtA.txBytes());
        assertEquals(1, b.delivered.size());
    }
}
