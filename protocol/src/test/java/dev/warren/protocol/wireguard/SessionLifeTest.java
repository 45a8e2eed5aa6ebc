package dev.warren.protocol.wireguard;

import static dev.warren.protocol.wireguard.VirtualLink.SECOND;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.protocol.testing.Seeds;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Sessions over time: begin, renewal, silence, loss, end. */
@Timeout(30)
class SessionLifeTest extends TwoNodes {
    @Test
    void shouldLoseNothingInADayOfRenewals() {
        int packets = 24 * 3600;
        for (int i = 0; i < packets; i++) {
            a.send(toB, link.nowNanos);
            link.run(SECOND / 2);
            b.send(toA, link.nowNanos);
            link.run(SECOND / 2);
        }

        assertEquals(packets, b.delivered.size());
        assertEquals(packets, a.delivered.size());
        assertEquals(List.of(), a.dropped);
        assertEquals(List.of(), b.dropped);
        // One renewal in 120 s and a bit: the first packet after the age is reached asks for it.
        assertTrue(a.established >= packets / 122 && a.established <= packets / 120 + 1, a.established + " sessions");
        assertEquals(a.established, b.established);
        assertTrue(a.device.indices().size() <= 4, "no index is left behind");
    }

    @Test
    void shouldLoseNothingInAnHourWhenBothAlwaysStartTogether() {
        for (int i = 0; i < 3600; i++) {
            a.send(toB, link.nowNanos);
            b.send(toA, link.nowNanos);
            link.run(SECOND);
        }
        assertEquals(3600, b.delivered.size());
        assertEquals(3600, a.delivered.size());
        assertEquals(List.of(), a.dropped);
        assertEquals(List.of(), b.dropped);
        assertTrue(a.device.indices().size() <= 4);
        assertTrue(a.established <= 3600 / 120 + 3, "both settle on one of the two: " + a.established);
    }

    @Test
    void shouldSettleOnOneSessionWhenBothStartTogether() {
        a.send(toB, SECOND);
        b.send(toA, SECOND);
        link.run(SECOND);

        assertEquals(1, a.delivered.size());
        assertEquals(1, b.delivered.size());
        Session atA = bAtA.keypairs().current();
        Session atB = aAtB.keypairs().current();
        assertNotNull(atA);
        assertNotNull(atB);
        assertTrue(atA.isInitiator() != atB.isInitiator(), "the same session, seen from both ends");
    }

    @Test
    void shouldGetThroughWhenOneOfTwoSimultaneousHandshakesIsLost() {
        for (boolean loseFirst : new boolean[] {true, false}) {
            TestNode c = new TestNode(3);
            TestNode d = new TestNode(4);
            c.add(d, "10.0.0.2/32");
            d.add(c, "10.0.0.1/32");
            VirtualLink lossy = new VirtualLink(c, d, DELAY, SECOND);
            c.send(toB, SECOND);
            d.send(toA, SECOND);
            (loseFirst ? c : d).transmitted.clear();
            lossy.run(SECOND);
            assertEquals(1, c.delivered.size());
            assertEquals(1, d.delivered.size());
        }
    }

    @Test
    void shouldReadOldKeysWhileNewOnesAreAgreedOn() {
        connect();
        a.send(toB, link.nowNanos);
        byte[] late = a.transmitted.remove();
        link.run(121 * SECOND);
        a.send(toB, link.nowNanos);
        link.run(SECOND);
        assertEquals(2, a.established);

        b.receive(late, a, link.nowNanos);
        assertEquals(2, b.delivered.size(), "a packet from before the renewal");
        assertEquals(List.of(), b.dropped);
    }

    @Test
    void shouldRenewFromTheReceivingSideWhenItNeverSends() {
        connect();
        int before = b.established;
        for (int i = 0; i < 300; i++) {
            b.send(toA, link.nowNanos);
            link.run(SECOND);
        }
        assertEquals(300, a.delivered.size());
        assertEquals(List.of(), a.dropped);
        assertTrue(b.established > before);
    }

    @Test
    void shouldNeitherSendNorReadWithOldKeys() {
        connect();
        a.send(toB, link.nowNanos);
        byte[] late = a.transmitted.element().clone();
        long created = link.nowNanos;
        link.runUntil(created + 180 * SECOND);

        assertFalse(bAtA.hasSession(link.nowNanos));
        b.receive(late, a, link.nowNanos);
        assertEquals(DropReason.SESSION_EXPIRED, b.dropped.getLast());
        a.send(toB, link.nowNanos);
        assertEquals(InitiationMessage.LENGTH, a.transmitted.element().length);
    }

    @Test
    void shouldWipeKeysAfterNineMinutesOfSilence() {
        connect();
        Session session = bAtA.keypairs().current();
        assertNotNull(session);
        link.run(541 * SECOND);

        assertNull(bAtA.keypairs().current());
        assertEquals(0, a.device.indices().size());
        assertEquals(0, b.device.indices().size());
        assertEquals(PeerTimers.NEVER, a.device.nextDeadlineNanos());
        assertFalse(session.maySend(0));
    }

    @Test
    void shouldAskForRenewalBeforeTheCountersEnd() {
        connect();
        link.run(10 * SECOND);
        Session session = bAtA.keypairs().current();
        assertNotNull(session);
        session.skipCounters(Constants.REKEY_AFTER_MESSAGES - 2);
        a.send(toB, link.nowNanos);
        assertEquals(1, a.transmitted.size(), "2^60 messages are still fine");
        a.send(toB, link.nowNanos);
        assertEquals(3, a.transmitted.size(), "one more, and an initiation with it");
        assertEquals(InitiationMessage.LENGTH, a.transmitted.getLast().length);

        session.skipCounters(Constants.REJECT_AFTER_MESSAGES - Constants.REKEY_AFTER_MESSAGES - 2);
        assertTrue(session.maySend(link.nowNanos));
        session.skipCounters(1);
        assertFalse(session.maySend(link.nowNanos), "the counter must never come near its wrap");
    }

    @Test
    void shouldGiveUpAfterNinetySecondsAndCountWhatWasStaged() {
        link.lost = _ -> true;
        a.send(toB, link.nowNanos);
        a.send(toB, link.nowNanos);
        link.run(120 * SECOND);

        assertEquals(List.of(DropReason.HANDSHAKE_GIVEN_UP, DropReason.HANDSHAKE_GIVEN_UP), a.dropped);
        assertTrue(bAtA.staged().isEmpty());
        assertEquals(20 * InitiationMessage.LENGTH, bAtA.txBytes());
        link.run(600 * SECOND);
        assertEquals(PeerTimers.NEVER, a.device.nextDeadlineNanos());
        assertEquals(0, a.device.indices().size());
    }

    @Test
    void shouldRecoverByItselfWhenTheOtherEndHasLostItsKeys() {
        connect();
        b.device.removePeer(a.publicKey());
        b.add(a, "10.0.0.1/32");
        for (int i = 0; i < 25; i++) {
            a.send(toB, link.nowNanos);
            link.run(SECOND);
        }
        assertEquals(DropReason.UNKNOWN_INDEX, b.dropped.getFirst());
        assertTrue(b.delivered.size() >= 8, "a new handshake after 15 s without an answer");
    }

    @Test
    void shouldAnswerDataWithOneKeepaliveAndThenBeSilent() {
        connect();
        long rxBefore = bAtA.rxBytes();
        a.send(toB, link.nowNanos);
        link.run(60 * SECOND);
        assertEquals(rxBefore + DataMessage.OVERHEAD, bAtA.rxBytes());
        assertEquals(2, a.established + b.established, "no handshake for want of an answer");
    }

    @Test
    void shouldSendPersistentKeepalivesFromTheMomentTheyAreSet() {
        bAtA.setPersistentKeepalive(25, link.nowNanos);
        assertEquals(InitiationMessage.LENGTH, a.transmitted.element().length);
        link.run(101 * SECOND);
        // Handshake at 0 with its confirming keepalive, then one each 25 s.
        assertEquals(InitiationMessage.LENGTH + 5L * DataMessage.OVERHEAD, bAtA.txBytes());
        bAtA.setPersistentKeepalive(0, link.nowNanos);
        long txBefore = bAtA.txBytes();
        link.run(100 * SECOND);
        assertEquals(txBefore, bAtA.txBytes());
    }

    @Test
    void shouldStageABoundedNumberOfPacketsAndKeepTheNewest() {
        link.lost = _ -> true;
        for (int i = 0; i < 200; i++) {
            a.send(Packets.ipv4("10.0.0.1", "10.0.0.2", 100 + i), link.nowNanos);
            link.run(1);
        }
        assertEquals(200 - StagingQueue.MAX_PACKETS, a.device.drops(DropReason.STAGING_FULL));
        link.lost = _ -> false;
        link.run(10 * SECOND);
        assertEquals(StagingQueue.MAX_PACKETS, b.delivered.size());
        assertEquals(100 + 200 - StagingQueue.MAX_PACKETS, b.delivered.getFirst().length);
        assertEquals(100 + 199, b.delivered.getLast().length, "in order");
    }

    @Test
    void shouldBoundStagedBytesToo() {
        StagingQueue queue = new StagingQueue();
        MemorySegment packet = MemorySegment.ofArray(new byte[100_000]);
        for (int i = 0; i < 3; i++) {
            assertEquals(0, queue.add(packet, 0, 60_000));
        }
        assertEquals(1, queue.add(packet, 0, 60_001), "the oldest goes");
        assertEquals(180_001, queue.sizeBytes());
        assertEquals(1, queue.add(packet, 0, StagingQueue.MAX_PACKET_BYTES + 1), "no IP packet is so long");
        for (int i = 0; i < 3; i++) {
            byte[] next = queue.poll();
            assertNotNull(next);
            assertEquals(i < 2 ? 60_000 : 60_001, next.length);
        }
        assertEquals(0, queue.sizeBytes());
        assertNull(queue.poll());
    }

    @Test
    void shouldIgnoreInitiationsThatFollowTooClosely() {
        a.send(toB, SECOND);
        b.receive(a.transmitted.remove(), a, SECOND);
        TestNode again = new TestNode(1);
        again.device.setUnixOffset(TestNode.UNIX_OFFSET_NANOS + SECOND);
        again.add(b, "10.0.0.2/32");
        again.send(toB, SECOND);
        byte[] second = again.transmitted.remove();

        b.receive(second, a, SECOND + 19_000_000);
        assertEquals(List.of(DropReason.INITIATION_FLOOD), b.dropped);
        b.receive(second, a, SECOND + 20_000_000);
        assertEquals(1, b.dropped.size(), "it was ignored, not used up");
    }

    @Test
    void shouldSendOneInitiationInFiveSecondsHoweverOftenItIsAsked() {
        link.lost = _ -> true;
        for (int i = 0; i < 49; i++) {
            a.device.initiate(bAtA, link.nowNanos);
            link.run(SECOND / 10);
        }
        assertEquals(InitiationMessage.LENGTH, bAtA.txBytes());
        link.run(SECOND / 2);
        assertEquals(2L * InitiationMessage.LENGTH, bAtA.txBytes());
    }

    @Test
    void shouldDeliverEachPacketAtMostOnceAndUnchangedOverABadNetwork() {
        Seeds.forEach(20, random -> {
            TestNode c = new TestNode(5, random);
            TestNode d = new TestNode(6, random);
            c.add(d, "10.0.0.2/32");
            d.add(c, "10.0.0.1/32");
            VirtualLink bad = new VirtualLink(c, d, DELAY, SECOND);
            bad.lost = _ -> random.nextInt(10) == 0;
            List<byte[]> sent = new ArrayList<>();
            for (int i = 0; i < 400; i++) {
                byte[] packet = Packets.random("10.0.0.1", "10.0.0.2", 28 + random.nextInt(1300), random);
                sent.add(packet);
                c.send(packet, bad.nowNanos);
                if (random.nextInt(5) == 0 && !c.transmitted.isEmpty()) {
                    c.transmitted.add(c.transmitted.getLast().clone());
                    c.transmitted.add(c.transmitted.removeFirst());
                }
                bad.run(random.nextLong(2 * SECOND));
            }
            bad.run(20 * SECOND);
            assertTrue(d.delivered.size() > 300, "most arrive: " + d.delivered.size());
            for (byte[] packet : d.delivered) {
                int at = indexOf(sent, packet);
                assertTrue(at >= 0);
                sent.remove(at);
            }
        });
    }

    @Test
    void shouldFollowTheDeadlinesOfManyPeers() {
        TestNode hub = new TestNode(50);
        for (int i = 0; i < 40; i++) {
            hub.device.initiate(hub.add(new TestNode(100 + i), "10.1.0." + i + "/32"), SECOND + i);
        }
        long last = 0;
        for (int i = 0; i < 400; i++) {
            long next = hub.device.nextDeadlineNanos();
            long slow = hub.device.peers().stream()
                    .mapToLong(peer -> peer.timers().nextDeadlineNanos())
                    .min()
                    .orElse(PeerTimers.NEVER);
            assertEquals(slow, next);
            assertTrue(next >= last);
            last = next;
            hub.device.poll(next);
            if (i % 10 == 0) {
                hub.device.removePeer(hub.device.peers().iterator().next().publicKey());
            }
        }
    }

    @Test
    void shouldFindEveryIndexAgainUntilItIsFreed() {
        Seeds.forEach(20, random -> {
            IndexTable<String> table = new IndexTable<>(random);
            List<Integer> indices = new ArrayList<>();
            for (int i = 0; i < 2000; i++) {
                if (random.nextInt(3) > 0 || indices.isEmpty()) {
                    int index = table.add("x");
                    String own = "value " + index;
                    table.replace(index, own);
                    indices.add(index);
                } else {
                    int gone = indices.removeLast();
                    table.remove(gone);
                    table.remove(gone);
                    assertNull(table.get(gone));
                }
            }
            assertEquals(indices.size(), table.size());
            for (int index : indices) {
                assertEquals("value " + index, table.get(index));
            }
            assertNull(table.get(0));
        });
    }

    private void connect() {
        a.device.initiate(bAtA, link.nowNanos);
        link.run(SECOND / 10);
        assertTrue(bAtA.hasSession(link.nowNanos));
        assertTrue(aAtB.hasSession(link.nowNanos));
    }

    private static int indexOf(List<byte[]> packets, byte[] wanted) {
        for (int i = 0; i < packets.size(); i++) {
            if (Arrays.equals(packets.get(i), wanted)) {
                return i;
            }
        }
        return -1;
    }
}
