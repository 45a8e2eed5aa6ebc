package dev.warren.protocol.wireguard;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.protocol.key.NodePrivateKey;
import dev.warren.protocol.key.NodePublicKey;
import dev.warren.protocol.testing.Seeds;
import dev.warren.protocol.udprelay.RelayPath;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class CookieTest {
    private static final long SECOND = 1_000_000_000L;
    private static final Origin HERE = new Origin.Direct(new InetSocketAddress("192.0.2.1", 51820));
    private static final Origin OTHER_PORT = new Origin.Direct(new InetSocketAddress("192.0.2.1", 51821));
    private static final Origin OTHER_HOST = new Origin.Direct(new InetSocketAddress("192.0.2.2", 51820));

    private final NodePublicKey busy = NodePrivateKey.generate(Seeds.random(1)).publicKey();
    private final CookieChecker checker = new CookieChecker(busy, Seeds.random(2));
    private final CookieJar jar = new CookieJar(busy);
    private final byte[] message = new byte[InitiationMessage.LENGTH];

    @Test
    void shouldProveKnowledgeOfTheReceiversKey() {
        stamp(0);
        assertTrue(checker.isMac1Valid(message, 0, message.length));
        assertArrayEquals(new byte[16], Macs.carriedMac2(message, 0, message.length), "no cookie yet");

        for (int i = 0; i < message.length - 16; i++) {
            message[i] ^= 1;
            assertFalse(checker.isMac1Valid(message, 0, message.length), "byte " + i);
            message[i] ^= 1;
        }
        message[message.length - 1] ^= 1;
        assertTrue(checker.isMac1Valid(message, 0, message.length), "the first MAC does not cover the second");
    }

    @Test
    void shouldAcceptTheCookieOnlyFromItsAddressAndPort() {
        exchange(HERE, 0);
        stamp(SECOND);
        assertTrue(isMac2Valid(HERE, SECOND));
        assertFalse(isMac2Valid(OTHER_PORT, SECOND));
        assertFalse(isMac2Valid(OTHER_HOST, SECOND));
    }

    @Test
    void shouldBindACookieToARelaysClientToo() {
        Origin relayed = new Origin.Relayed(7, busy);
        exchange(relayed, 0);
        stamp(SECOND);
        assertTrue(isMac2Valid(relayed, SECOND));
        assertFalse(isMac2Valid(new Origin.Relayed(8, busy), SECOND));
        assertFalse(isMac2Valid(HERE, SECOND));
    }

    @Test
    void shouldBindACookieToASessionOfAUdpRelayToo() {
        InetSocketAddress server = ((Origin.Direct) HERE).address();
        Origin relayed = new Origin.ThroughUdpRelay(new RelayPath(server, 7));
        exchange(relayed, 0);
        stamp(SECOND);
        assertTrue(isMac2Valid(relayed, SECOND));
        assertFalse(isMac2Valid(new Origin.ThroughUdpRelay(new RelayPath(server, 8)), SECOND));
        assertFalse(isMac2Valid(HERE, SECOND));
    }

    @Test
    void shouldStopUsingACookieBeforeItsSecretEnds() {
        exchange(HERE, 0);
        stamp(114 * SECOND);
        assertTrue(isMac2Valid(HERE, 114 * SECOND));
        stamp(115 * SECOND);
        assertArrayEquals(new byte[16], Macs.carriedMac2(message, 0, message.length));
    }

    @Test
    void shouldRefuseCookiesOfAnOldSecret() {
        exchange(HERE, 0);
        stamp(SECOND);
        assertTrue(isMac2Valid(HERE, 119 * SECOND));
        assertFalse(isMac2Valid(HERE, 120 * SECOND));
        checker.reply(message, 0, message.length, HERE, 121 * SECOND);
        assertFalse(isMac2Valid(HERE, 121 * SECOND), "the new secret makes other cookies");
    }

    @Test
    void shouldForgetItsCookieWhenThePeerIsRemoved() {
        exchange(HERE, 0);
        jar.wipe();
        stamp(SECOND);
        assertArrayEquals(new byte[16], Macs.carriedMac2(message, 0, message.length));
    }

    @Test
    void shouldTakeOneReplyToOneMessage() {
        CookieReplyMessage unasked = checker.reply(message, 0, message.length, HERE, 0);
        assertFalse(jar.accept(unasked, 0), "nothing was sent yet");

        stamp(0);
        CookieReplyMessage reply = checker.reply(message, 0, message.length, HERE, 0);
        assertFalse(jar.accept(unasked, 0), "answers another message");
        assertTrue(jar.accept(reply, 0));
        assertFalse(jar.accept(reply, 0), "used up");
    }

    @Test
    void shouldAskForACookieWhenBusyAndThenLetTheSenderIn() {
        TestNode a = new TestNode(1);
        TestNode b = new TestNode(2);
        Peer bAtA = a.add(b, "10.0.0.2/32");
        b.add(a, "10.0.0.1/32");
        long now = SECOND;
        makeBusy(b, now);

        a.send(Packets.ipv4("10.0.0.1", "10.0.0.2", 60), now);
        b.receive(a.transmitted.remove(), a, now);
        assertEquals(DropReason.COOKIE_REQUIRED, b.dropped.getLast());
        assertEquals(0, b.transmitted.size());
        a.receive(b.replies.removeLast(), b, now);
        assertEquals(0, a.transmitted.size(), "a cookie reply triggers nothing");
        assertEquals(0, bAtA.rxBytes());

        long retryAt = a.device.nextDeadlineNanos();
        assertTrue(retryAt >= now + 5 * SECOND && retryAt < now + 6 * SECOND);
        makeBusy(b, retryAt);
        a.device.poll(retryAt);
        b.receive(a.transmitted.remove(), a, retryAt);
        assertEquals(1, b.transmitted.size(), "the second MAC opens the door");
        TestNode.exchange(a, b, retryAt);
        assertEquals(1, b.delivered.size());
    }

    @Test
    void shouldLimitEvenProvedSourcesWhenBusy() {
        TestNode b = new TestNode(2);
        makeBusy(b, SECOND);
        for (int i = 0; i < 10; i++) {
            TestNode sender = new TestNode(20 + i);
            sender.add(b, "0.0.0.0/0");
            long now = SECOND + i;
            sender.send(Packets.ipv4("10.0.0.1", "10.0.0.2", 60), now);
            b.receive(sender.transmitted.remove(), HERE, now);
            sender.receive(b.replies.removeLast(), b, now);
            long retryAt = sender.device.nextDeadlineNanos();
            sender.device.poll(retryAt);
            makeBusy(b, 7 * SECOND);
            b.receive(sender.transmitted.remove(), HERE, 7 * SECOND);
        }
        assertEquals(5, b.device.drops(DropReason.UNKNOWN_PEER), "the burst is worked on");
        assertEquals(5, b.device.drops(DropReason.RATE_LIMITED));
    }

    @Test
    void shouldCountACookieReplyThatAnswersNothing() {
        TestNode a = new TestNode(1);
        byte[] reply = new byte[CookieReplyMessage.LENGTH];
        checker.reply(message, 0, message.length, HERE, 0).encode(reply, 0);
        a.receive(reply, HERE, 0);
        assertEquals(DropReason.BAD_COOKIE_REPLY, a.dropped.getLast());
    }

    @Test
    void shouldLetASourceSendTwentyASecondAndFiveAtOnce() {
        SourceLimiter limiter = new SourceLimiter();
        int allowed = 0;
        for (int i = 0; i < 100; i++) {
            allowed += limiter.allow(HERE, 0) ? 1 : 0;
        }
        assertEquals(5, allowed);
        assertTrue(limiter.allow(OTHER_HOST, 0), "another host has its own");
        assertFalse(limiter.allow(OTHER_PORT, 0), "another port has not");
        allowed = 0;
        for (long now = 0; now < 10 * SECOND; now += SECOND / 100) {
            allowed += limiter.allow(HERE, now) ? 1 : 0;
        }
        assertTrue(allowed >= 195 && allowed <= 200, "20 a second over ten seconds, not " + allowed);
    }

    @Test
    void shouldTreatAnIpv6NetworkAsOneSource() {
        SourceLimiter limiter = new SourceLimiter();
        for (int i = 1; i <= 5; i++) {
            assertTrue(limiter.allow(new Origin.Direct(new InetSocketAddress("2001:db8::" + i, 1)), 0));
        }
        assertFalse(limiter.allow(new Origin.Direct(new InetSocketAddress("2001:db8::6", 1)), 0));
        assertTrue(limiter.allow(new Origin.Direct(new InetSocketAddress("2001:db8:0:1::6", 1)), 0));
    }

    @Test
    void shouldForgetIdleSourcesAndBoundTheRest() {
        SourceLimiter limiter = new SourceLimiter();
        for (int i = 0; i <= SourceLimiter.MAX_SOURCES; i++) {
            String host = "10." + (i >>> 16) + "." + ((i >>> 8) & 255) + "." + (i & 255);
            boolean fits = i < SourceLimiter.MAX_SOURCES;
            assertEquals(fits, limiter.allow(new Origin.Direct(new InetSocketAddress(host, 1)), 0));
        }
        assertEquals(SourceLimiter.MAX_SOURCES, limiter.size());
        assertTrue(limiter.allow(HERE, 3 * SECOND));
        assertEquals(1, limiter.size());
    }

    /** Floods the node with well-formed initiations of strangers, all from HERE. */
    private static void makeBusy(TestNode node, long nowNanos) {
        node.device.holdHandshakes();
        MemorySegment flood = MemorySegment.ofArray(Flood.message(node.publicKey(), 1));
        while (node.device.waitingHandshakes() < HandshakeQueue.BUSY_LENGTH) {
            node.device.receive(flood, 0, InitiationMessage.LENGTH, 0, HERE, nowNanos);
        }
        node.work(nowNanos);
        node.replies.clear();
    }

    private void stamp(long nowNanos) {
        Arrays.fill(message, message.length - 32, message.length, (byte) 0);
        jar.stamp(message, 0, message.length, nowNanos);
    }

    private void exchange(Origin origin, long nowNanos) {
        stamp(nowNanos);
        assertTrue(jar.accept(checker.reply(message, 0, message.length, origin, nowNanos), nowNanos));
    }

    private boolean isMac2Valid(Origin origin, long nowNanos) {
        return checker.isMac2Valid(message, 0, message.length, origin, nowNanos);
    }
}
