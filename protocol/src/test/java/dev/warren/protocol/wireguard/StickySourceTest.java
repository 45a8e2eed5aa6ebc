package dev.warren.protocol.wireguard;

import static dev.warren.protocol.wireguard.VirtualLink.SECOND;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.net.InetAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** When nothing comes back, the address that messages leave from may be the reason: it is left to the routes then. */
@Timeout(30)
class StickySourceTest {
    private static final SourceAddress SOURCE = new Source(InetAddress.ofLiteral("192.0.2.77"), 3);

    private final TestNode a = new TestNode(1);
    private final TestNode b = new TestNode(2);
    private final Peer bAtA = a.add(b, "10.0.0.2/32");
    private final VirtualLink link = new VirtualLink(a, b, 20_000_000L, SECOND);
    private final byte[] toB = Packets.ipv4("10.0.0.1", "10.0.0.2", 84);

    StickySourceTest() {
        b.add(a, "10.0.0.1/32");
    }

    private record Source(InetAddress address, int interfaceIndex) implements SourceAddress {}

    @Test
    void shouldStayAsLongAsAnAnswerMayStillCome() {
        link.lost = _ -> true;
        bAtA.setSource(SOURCE);
        a.send(toB, link.nowNanos);
        link.run(5 * SECOND - 1);
        assertEquals(SOURCE, bAtA.source());
        assertEquals(0, a.unanswered);
    }

    @Test
    void shouldGoWithTheFirstRetry() {
        link.lost = _ -> true;
        bAtA.setSource(SOURCE);
        a.send(toB, link.nowNanos);
        link.run(6 * SECOND);
        assertNull(bAtA.source());
        assertEquals(1, a.unanswered);
    }

    /** As in the kernel: whatever else is heard of the peer, the handshake has got no answer. */
    @Test
    void shouldGoWithARetryAlthoughDataComesIn() {
        connect();
        link.run(121 * SECOND);
        a.send(toB, link.nowNanos);
        assertNotNull(bAtA.handshakes().inFlight(), "the session is to be renewed");
        a.transmitted.removeLast();
        bAtA.setSource(SOURCE);
        b.send(Packets.ipv4("10.0.0.2", "10.0.0.1", 84), link.nowNanos);
        link.run(SECOND);
        assertEquals(SOURCE, bAtA.source());
        link.run(5 * SECOND);
        assertNull(bAtA.source());
        assertEquals(0, a.unanswered, "it is where it was");
    }

    /** Packets that come all the time begin the handshake anew before the timer has its turn. */
    @Test
    void shouldGoWhenAPacketBeginsTheHandshakeAnew() {
        link.lost = _ -> true;
        a.send(toB, link.nowNanos);
        link.runUntil(link.nowNanos + 5 * SECOND);
        bAtA.setSource(SOURCE);
        a.send(toB, link.nowNanos);
        assertNull(bAtA.source());
        assertEquals(1, a.unanswered);
    }

    @Test
    void shouldGoWhenDataIsNotAnswered() {
        connect();
        bAtA.setSource(SOURCE);
        link.lost = _ -> true;
        a.send(toB, link.nowNanos);
        link.run(15 * SECOND - 1);
        assertEquals(SOURCE, bAtA.source());
        link.run(SECOND);
        assertNull(bAtA.source());
        assertEquals(1, a.unanswered);
    }

    private void connect() {
        a.device.initiate(bAtA, link.nowNanos);
        link.run(SECOND / 10);
        assertNotNull(bAtA.keypairs().current());
    }
}
