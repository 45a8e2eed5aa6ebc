package dev.warren.protocol.wireguard;

import static dev.warren.protocol.wireguard.VirtualLink.SECOND;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.protocol.key.NodePrivateKey;
import dev.warren.protocol.testing.Seeds;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** When an initiation may go out, and what time it carries. */
@Timeout(30)
class HandshakeTimingTest {
    private static final long DELAY = 20_000_000L;
    private static final long HOUR = 3600 * SECOND;

    private final TestNode a = new TestNode(1);
    private final TestNode b = new TestNode(2);
    private final Peer bAtA = a.add(b, "10.0.0.2/32");
    private final Peer aAtB = b.add(a, "10.0.0.1/32");
    private final VirtualLink link = new VirtualLink(a, b, DELAY, SECOND);
    private final byte[] toB = Packets.ipv4("10.0.0.1", "10.0.0.2", 84);

    @Test
    void shouldShareTheLimitOfOneInFiveSecondsWithResponses() {
        b.device.initiate(aAtB, link.nowNanos);
        link.run(SECOND);
        assertTrue(bAtA.hasSession(link.nowNanos), "a has answered a handshake");
        a.device.initiate(bAtA, link.nowNanos);
        assertEquals(0, a.transmitted.size(), "a has sent a handshake message a second ago");
        long putOffUntil = a.device.nextDeadlineNanos();
        assertTrue(putOffUntil >= SECOND + DELAY + 5 * SECOND && putOffUntil < 7 * SECOND, "at " + putOffUntil);
        a.device.poll(putOffUntil);
        assertEquals(InitiationMessage.LENGTH, a.transmitted.element().length, "but it was not forgotten");
    }

    @Test
    void shouldStartAHandshakeAtOnceAfterTheDevicesKeyChanged() {
        a.send(toB, link.nowNanos);
        link.run(SECOND);
        try (NodePrivateKey fresh = NodePrivateKey.generate(Seeds.random(77))) {
            a.device.setPrivateKey(fresh, link.nowNanos);
            b.device
                    .allowedIps()
                    .insert(IpPrefix.parse("10.0.0.1/32"), b.device.addPeer(fresh.publicKey(), link.nowNanos));
        }
        a.send(toB, link.nowNanos);
        assertEquals(InitiationMessage.LENGTH, a.transmitted.element().length);
        link.run(SECOND);
        assertEquals(2, b.delivered.size(), "in the same second, not five seconds later");
    }

    @Test
    void shouldStillBeHeardWhenItsWallClockIsSetBack() {
        a.send(toB, link.nowNanos);
        link.run(121 * SECOND);
        a.device.setUnixOffset(TestNode.UNIX_OFFSET_NANOS - 5 * HOUR);
        a.send(toB, link.nowNanos);
        link.run(SECOND);

        assertEquals(0, b.dropped.size(), "no old timestamp");
        assertEquals(2, b.established);
        assertEquals(
                (TestNode.UNIX_OFFSET_NANOS - 5 * HOUR + 122 * SECOND) / SECOND,
                bAtA.lastHandshakeUnixNanos() / SECOND,
                "what is shown is the wall clock's");
    }

    @Test
    void shouldFollowItsWallClockForwards() {
        a.device.setUnixOffset(TestNode.UNIX_OFFSET_NANOS + 5 * HOUR);
        a.device.setUnixOffset(TestNode.UNIX_OFFSET_NANOS + HOUR);
        assertEquals(TestNode.UNIX_OFFSET_NANOS + 5 * HOUR + SECOND, a.device.timestampNanos(SECOND));
        assertEquals(TestNode.UNIX_OFFSET_NANOS + HOUR + SECOND, a.device.unixNanos(SECOND));
    }

    @Test
    void shouldAskABusyPeersCookieForAResponseToo() {
        // a becomes busy while the response is on its way: strangers flood it.
        a.device.initiate(bAtA, link.nowNanos);
        b.receive(a.transmitted.remove(), a, link.nowNanos);
        byte[] response = b.transmitted.remove();
        a.device.holdHandshakes();
        new Flood(a, Seeds.random(1), 192, 0).arrive(2000, link.nowNanos);
        a.work(link.nowNanos);
        a.replies.clear();

        a.receive(response, b, link.nowNanos);
        assertEquals(1, a.established, "it is waited for");
        a.receive(response, b, link.nowNanos);
        assertEquals(DropReason.COOKIE_REQUIRED, a.dropped.getLast());
        byte[] cookie = a.replies.remove();
        assertEquals(CookieReplyMessage.LENGTH, cookie.length);
        b.receive(cookie, a, link.nowNanos);
        assertEquals(0, b.dropped.size(), "the index of the response stands for a session, and that is fine");
        assertEquals(0, b.transmitted.size());
    }
}
