package dev.warren.protocol.wireguard;

import static dev.warren.protocol.wireguard.VirtualLink.SECOND;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.protocol.crypto.LittleEndian;
import java.net.InetAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a device does when its machine is in another network or wakes up. */
@Timeout(30)
class AnnouncementTest {
    private static final long DELAY = 20_000_000L;

    private final TestNode a = new TestNode(1);
    private final TestNode b = new TestNode(2);
    private final Peer bAtA = a.add(b, "10.0.0.2/32");
    private final VirtualLink link = new VirtualLink(a, b, DELAY, SECOND);
    private final byte[] toB = Packets.ipv4("10.0.0.1", "10.0.0.2", 84);

    AnnouncementTest() {
        b.add(a, "10.0.0.1/32");
    }

    @Test
    void shouldShowItselfToAPeerWithASession() {
        connect();
        a.device.announce(0, link.nowNanos);
        assertEquals(MessageType.DATA.code(), typeOf(a.transmitted.getFirst()));
        assertEquals(DataMessage.OVERHEAD, a.transmitted.remove().length);
        assertTrue(a.transmitted.isEmpty());
    }

    @Test
    void shouldLeaveAPeerAloneThatHasNoSession() {
        a.device.announce(0, link.nowNanos);
        connect();
        link.run(200 * SECOND);
        a.device.announce(0, link.nowNanos);
        assertTrue(a.transmitted.isEmpty(), "too old before the network changed");
    }

    @Test
    void shouldRenewASessionThatBecameTooOldInSleep() {
        connect();
        link.nowNanos += 1000 * SECOND;
        a.device.announce(1000 * SECOND, link.nowNanos);
        assertEquals(MessageType.INITIATION.code(), typeOf(a.transmitted.getFirst()));
        link.run(SECOND);
        assertTrue(bAtA.hasSession(link.nowNanos));
        b.send(Packets.ipv4("10.0.0.2", "10.0.0.1", 84), link.nowNanos);
        link.run(SECOND);
        assertEquals(1, a.delivered.size());
    }

    @Test
    void shouldNotAbandonAHandshakeWhoseAnswerIsOnItsWay() {
        a.send(toB, link.nowNanos);
        link.run(DELAY + DELAY / 2);
        for (int i = 0; i < 10; i++) {
            a.device.announce(0, link.nowNanos);
        }
        link.run(SECOND);
        assertEquals(1, b.delivered.size());
        assertFalse(b.dropped.contains(DropReason.INITIATION_FLOOD));
    }

    @Test
    void shouldBeginAHandshakeAnewASecondAfterTheLastMessage() {
        link.lost = _ -> true;
        a.send(toB, link.nowNanos);
        link.run(SECOND / 2);
        link.lost = _ -> false;
        a.device.announce(0, link.nowNanos);
        link.run(SECOND);
        assertEquals(1, b.delivered.size(), "without the change it would have been five seconds");
    }

    @Test
    void shouldBeginAHandshakeAnewAtOnceWhenTheLastMessageIsOlder() {
        link.lost = _ -> true;
        a.send(toB, link.nowNanos);
        link.run(2 * SECOND);
        link.lost = _ -> false;
        a.device.announce(0, link.nowNanos);
        link.run(3 * DELAY);
        assertEquals(1, b.delivered.size());
    }

    @Test
    void shouldForgetWhereMessagesWentFrom() {
        bAtA.setSource(new Source());
        a.device.forgetSources(source -> source.interfaceIndex() == 3);
        assertNotNull(bAtA.source());
        a.device.forgetSources(source -> source.interfaceIndex() == 2);
        assertNull(bAtA.source());
    }

    @Test
    void shouldForgetWhereMessagesWentFromWhenNobodyAnswers() {
        connect();
        link.lost = _ -> true;
        a.send(toB, link.nowNanos);
        bAtA.setSource(new Source());
        link.run(14 * SECOND);
        assertNotNull(bAtA.source());
        link.run(2 * SECOND);
        assertNull(bAtA.source(), "after fifteen seconds without an answer to data");
        bAtA.setSource(new Source());
        link.run(6 * SECOND);
        assertNull(bAtA.source(), "at the next try of the handshake");
    }

    @Test
    void shouldSayNothingWhileTheInterfaceIsDown() {
        connect();
        a.device.down();
        a.device.announce(0, link.nowNanos);
        assertTrue(a.transmitted.isEmpty());
    }

    private void connect() {
        a.device.initiate(bAtA, link.nowNanos);
        link.run(SECOND / 10);
        assertTrue(bAtA.hasSession(link.nowNanos));
    }

    private static int typeOf(byte[] message) {
        return LittleEndian.readInt(message, 0);
    }

    /** An address of the interface number 2. */
    private static final class Source implements SourceAddress {
        @Override
        public InetAddress address() {
            return InetAddress.ofLiteral("192.0.2.1");
        }

        @Override
        public int interfaceIndex() {
            return 2;
        }
    }
}
