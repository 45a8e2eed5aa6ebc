package dev.warren.protocol.wireguard;

import static dev.warren.protocol.wireguard.VirtualLink.SECOND;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.protocol.key.NodePrivateKey;
import dev.warren.protocol.testing.Seeds;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Rules of the protocol for one session, to the nanosecond where they name a time (paper section 6). */
@Timeout(30)
class SessionRulesTest extends TwoNodes {
    /** Otherwise whoever sees one message could shut out the thousands behind it. */
    @Test
    void shouldTakeACounterForUsedOnlyWhenItsMessageIsAuthentic() {
        connect();
        a.send(toB, link.nowNanos);
        byte[] message = a.transmitted.remove();
        byte[] far = message.clone();
        long counter = DataMessage.counter(MemorySegment.ofArray(message), 0) + 100_000;
        DataMessage.encodeHeader(
                DataMessage.receiver(MemorySegment.ofArray(message), 0), counter, MemorySegment.ofArray(far), 0);
        byte[] same = message.clone();
        same[40] ^= 1;

        b.receive(far, a, link.nowNanos);
        b.receive(same, a, link.nowNanos);
        assertEquals(List.of(DropReason.NOT_AUTHENTIC, DropReason.NOT_AUTHENTIC), b.dropped);
        b.receive(message, a, link.nowNanos);
        assertEquals(1, b.delivered.size());
    }

    /** Whoever goes on sending would come to counters that were used before. */
    @Test
    void shouldReadNoMessageBeyondTheLastCounter() {
        connect();
        Session session = bAtA.keypairs().current();
        assertNotNull(session);
        session.skipCounters(Constants.REJECT_AFTER_MESSAGES - 2); // one is used
        a.send(toB, link.nowNanos);
        b.receive(a.transmitted.remove(), a, link.nowNanos);
        assertEquals(1, b.delivered.size());

        byte[] beyond = new byte[DataMessage.encodedLength(0)];
        MemorySegment memory = MemorySegment.ofArray(beyond);
        session.seal(memory, 0, 0);
        assertEquals(Constants.REJECT_AFTER_MESSAGES, DataMessage.counter(memory, 0));
        b.receive(beyond, a, link.nowNanos);
        assertEquals(List.of(DropReason.NOT_AUTHENTIC), b.dropped);
    }

    @Test
    void shouldReadUnderASessionFor180Seconds() {
        long createdNanos = connect();
        byte[] inTime = fromB(createdNanos);
        byte[] late = fromB(createdNanos);
        a.receive(inTime, b, createdNanos + 180 * SECOND - 1);
        assertEquals(1, a.delivered.size());
        a.receive(late, b, createdNanos + 180 * SECOND);
        assertEquals(List.of(DropReason.SESSION_EXPIRED), a.dropped);
    }

    /** 165 s: 180 less the 15 that a handshake may take. */
    @Test
    void shouldAskForRenewalOnReceivingFrom165SecondsOn() {
        long createdNanos = connect();
        a.receive(fromB(createdNanos + 165 * SECOND - 1), b, createdNanos + 165 * SECOND - 1);
        assertNull(bAtA.handshakes().inFlight());
        a.receive(fromB(createdNanos + 165 * SECOND), b, createdNanos + 165 * SECOND);
        assertNotNull(bAtA.handshakes().inFlight());
        assertEquals(InitiationMessage.LENGTH, a.transmitted.getLast().length);
    }

    @Test
    void shouldAskForRenewalOnReceivingOnceForEachSession() {
        for (int session = 0; session < 2; session++) {
            long createdNanos = connect();
            long dueNanos = createdNanos + 170 * SECOND;
            a.receive(fromB(dueNanos), b, dueNanos);
            assertEquals(InitiationMessage.LENGTH, a.transmitted.remove().length);
            long laterNanos = dueNanos + 5 * SECOND;
            assertTrue(laterNanos < a.device.nextDeadlineNanos(), "before the timer tries again");
            a.receive(fromB(laterNanos), b, laterNanos);
            assertTrue(a.transmitted.isEmpty());
            link.nowNanos = laterNanos;
            link.run(10 * SECOND); // the timer's try, and until one more may follow it
        }
    }

    /** Both would begin at the same time otherwise. */
    @Test
    void shouldLeaveRenewalToTheInitiator() {
        long createdNanos = connect();
        long lateNanos = createdNanos + 179 * SECOND;
        a.send(toB, createdNanos + 119 * SECOND);
        b.receive(a.transmitted.remove(), a, lateNanos);
        assertNull(aAtB.handshakes().inFlight(), "on receiving");
        b.send(toA, lateNanos);
        assertNull(aAtB.handshakes().inFlight(), "on sending");
        assertEquals(1, b.transmitted.size());
    }

    @Test
    void shouldAskForRenewalOnSendingFrom120SecondsOn() {
        long createdNanos = connect();
        a.send(toB, createdNanos + 120 * SECOND - 1);
        assertEquals(1, a.transmitted.size());
        a.send(toB, createdNanos + 120 * SECOND);
        assertEquals(3, a.transmitted.size());
        assertEquals(InitiationMessage.LENGTH, a.transmitted.getLast().length);
    }

    /** What the peer sent under it is still on its way, and the session before that is older. */
    @Test
    void shouldKeepAnUnconfirmedSessionBehindOneOfItsOwnMaking() {
        connect();
        link.run(10 * SECOND);
        a.device.initiate(bAtA, link.nowNanos);
        b.receive(a.transmitted.remove(), a, link.nowNanos);
        Session unconfirmed = aAtB.keypairs().next();
        assertNotNull(unconfirmed);
        a.receive(b.transmitted.remove(), b, link.nowNanos);
        byte[] late = a.transmitted.remove();

        link.nowNanos += 6 * SECOND;
        b.device.initiate(aAtB, link.nowNanos);
        a.receive(b.transmitted.remove(), b, link.nowNanos);
        b.receive(a.transmitted.remove(), a, link.nowNanos);
        assertSame(unconfirmed, aAtB.keypairs().previous());
        assertNull(aAtB.keypairs().next());
        b.receive(late, a, link.nowNanos);
        assertEquals(List.of(), b.dropped);
    }

    /** Of two sessions that the initiator may have, only the newer is worth its memory. */
    @Test
    void shouldDropThePreviousSessionWhenItResponds() {
        connect();
        link.run(10 * SECOND);
        connect();
        assertNotNull(aAtB.keypairs().previous());
        link.run(10 * SECOND);
        a.device.initiate(bAtA, link.nowNanos);
        b.receive(a.transmitted.remove(), a, link.nowNanos);
        assertNull(aAtB.keypairs().previous());
        assertNotNull(aAtB.keypairs().next());
        assertEquals(2, b.device.indices().size());
    }

    @Test
    void shouldNotSendUnderAnOldKeyThatIsConfirmedAfterTheChange() {
        a.device.initiate(bAtA, link.nowNanos);
        b.receive(a.transmitted.remove(), a, link.nowNanos);
        a.receive(b.transmitted.remove(), b, link.nowNanos);
        b.device.setPrivateKey(NodePrivateKey.generate(Seeds.random(78)), link.nowNanos);
        b.receive(a.transmitted.remove(), a, link.nowNanos);
        assertNotNull(aAtB.keypairs().current(), "what comes in under it is read");
        b.transmitted.clear();
        b.send(toA, link.nowNanos + 5 * SECOND);
        assertEquals(InitiationMessage.LENGTH, b.transmitted.getFirst().length);
    }

    @Test
    void shouldOweNoKeepaliveOnceItHasSentData() {
        long nowNanos = connect();
        a.receive(fromB(nowNanos), b, nowNanos);
        a.send(toB, nowNanos + SECOND);
        a.transmitted.clear();
        a.device.poll(nowNanos + 12 * SECOND);
        assertTrue(a.transmitted.isEmpty());
    }

    @Test
    void shouldOweNoKeepaliveOnceItHasSentAHandshake() {
        long nowNanos = connect();
        a.receive(fromB(nowNanos), b, nowNanos);
        a.device.initiate(bAtA, nowNanos + 6 * SECOND);
        a.transmitted.clear();
        a.device.poll(nowNanos + 10 * SECOND);
        assertTrue(a.transmitted.isEmpty());
    }

    /** What was sent without an answer is a reason to try again only until the peer shows that it is there. */
    @Test
    void shouldTakeHandshakesForASignOfLife() {
        long nowNanos = connect();
        a.send(toB, nowNanos);
        a.transmitted.clear();
        a.device.initiate(bAtA, nowNanos + 6 * SECOND);
        b.receive(a.transmitted.remove(), a, nowNanos + 6 * SECOND);
        a.receive(b.transmitted.remove(), b, nowNanos + 6 * SECOND);
        a.transmitted.clear();
        a.device.poll(nowNanos + 17 * SECOND);
        assertTrue(a.transmitted.isEmpty(), "a response is one");

        b.send(toA, nowNanos + 20 * SECOND);
        a.device.initiate(bAtA, nowNanos + 26 * SECOND);
        b.receive(a.transmitted.remove(), a, nowNanos + 26 * SECOND);
        b.transmitted.clear();
        b.device.poll(nowNanos + 37 * SECOND);
        assertTrue(b.transmitted.isEmpty(), "an initiation is one");
    }

    @Test
    void shouldWipeAfterNineMinutesWhatTheInitiatorNeverUsed() {
        long nowNanos = link.nowNanos;
        a.device.initiate(bAtA, nowNanos);
        b.receive(a.transmitted.remove(), a, nowNanos);
        assertEquals(nowNanos + 540 * SECOND, b.device.nextDeadlineNanos());
        a.receive(b.transmitted.remove(), b, nowNanos);
        assertEquals(nowNanos + 540 * SECOND, a.device.nextDeadlineNanos());
        b.device.poll(nowNanos + 540 * SECOND);
        assertNull(aAtB.keypairs().next());
        assertEquals(0, b.device.indices().size());
    }

    @Test
    void shouldGoOnTryingAsLongAsPacketsCome() {
        link.lost = _ -> true;
        for (int i = 0; i < 60; i++) {
            a.send(toB, link.nowNanos);
            link.run(7 * SECOND);
        }
        assertEquals(List.of(), a.dropped);
        link.lost = _ -> false;
        link.run(6 * SECOND);
        assertEquals(60, b.delivered.size());
    }

    private byte[] fromB(long nowNanos) {
        b.send(toA, nowNanos);
        return b.transmitted.remove();
    }

    /** Has a begin a session; since when a has it. */
    private long connect() {
        a.device.initiate(bAtA, link.nowNanos);
        long createdNanos = link.nowNanos + 2 * DELAY;
        link.run(3 * DELAY);
        assertTrue(bAtA.hasSession(link.nowNanos) && aAtB.hasSession(link.nowNanos));
        Session current = bAtA.keypairs().current();
        assertNotNull(current);
        assertEquals(0, current.ageNanos(createdNanos));
        return createdNanos;
    }
}
