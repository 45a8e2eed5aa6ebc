package dev.warren.protocol.wireguard;

import static dev.warren.protocol.wireguard.VirtualLink.SECOND;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.protocol.crypto.JdkPacketCipher;
import dev.warren.protocol.testing.Seeds;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Which of a peer's sessions may be read under, and until when, to the nanosecond. */
class KeypairsTest {
    private static final long REST = Constants.REKEY_TIMEOUT_NANOS;
    private static final long LATER = 100 * SECOND;
    /** An index of the peer's below and one above all that this end chooses. */
    private static final int LEAST = 1;

    private static final int GREATEST = -1;

    private final IndexTable<Indexed> indices = new IndexTable<>(Seeds.random(1));
    private final Keypairs keypairs = new Keypairs(indices);
    private final Peer peer = new TestNode(1).add(new TestNode(2));

    @Test
    void shouldReadUnderASessionThatFellOutSoonAfterItWasReplaced() {
        Session first = begun(10, 0);
        begun(11, LATER);
        begun(12, LATER + REST - 1);
        assertTrue(isReadable(first));
    }

    @Test
    void shouldEndASessionThatFellOutWhenItHasRestedForFiveSeconds() {
        Session first = begun(10, 0);
        begun(11, LATER);
        begun(12, LATER + REST);
        assertFalse(isReadable(first));
    }

    @Test
    void shouldKeepTheLateSessionUntilItHasRestedForFiveSeconds() {
        Session late = begun(10, 0);
        begun(11, LATER);
        Session next = answered(12, LATER + 1);
        assertSame(next, keypairs.next());
        assertTrue(keypairs.confirm(next, LATER + REST - 1));
        assertTrue(isReadable(late));
        assertTrue(keypairs.hasRemoteIndex(10));

        keypairs.startAsResponder(session(false, 13, LATER + REST), LATER + REST);
        assertFalse(isReadable(late));
        assertFalse(keypairs.hasRemoteIndex(10));
    }

    @Test
    void shouldEndTheLateSessionAlsoWhenNoOtherFallsOut() {
        Session late = begun(10, 0);
        begun(11, LATER);
        Session next = answered(12, LATER + 1);
        assertTrue(keypairs.confirm(next, LATER + REST));
        assertFalse(isReadable(late));
        assertFalse(keypairs.hasRemoteIndex(10));
    }

    @Test
    void shouldKeepOneLateSessionOnly() {
        Session first = begun(10, 0);
        Session second = begun(11, 1);
        begun(12, 2);
        begun(13, 3);
        assertFalse(isReadable(first));
        assertTrue(isReadable(second));
    }

    @Test
    void shouldEndAnUnconfirmedSessionWhenOthersFollow() {
        Session first = answered(10, LATER);
        Session second = answered(11, LATER + 1);
        assertTrue(isReadable(first), "made lately");
        Session third = answered(12, LATER + 2);
        assertFalse(isReadable(first));
        assertTrue(isReadable(second));
        assertSame(third, keypairs.next());
    }

    /** Both ends must come to the same, whatever version they are. */
    @Test
    void shouldPreferTheHandshakeWithTheSmallerIndexOfTwoAtTheSameTime() {
        Session peers = answered(LEAST, 0);
        Session own = begun(LEAST - 1, 0); // only the initiator's index matters
        assertSame(peers, keypairs.next(), "the peer's counts");
        assertSame(own, keypairs.current());

        keypairs.wipe();
        Session lesser = answered(GREATEST, 0);
        begun(10, 0);
        assertNull(keypairs.next());
        assertSame(lesser, keypairs.previous());
    }

    @Test
    void shouldTakeHandshakesForSimultaneousWithinFiveSeconds() {
        Session peers = answered(LEAST, 0);
        begun(10, REST - 1);
        assertSame(peers, keypairs.next());
        begun(11, REST);
        assertNull(keypairs.next());
        assertSame(peers, keypairs.previous());
    }

    /** The peer may still send under it, as it has not confirmed the other. */
    @Test
    void shouldReadOnUnderTheSessionInUseWhenAnUnconfirmedOneStepsBack() {
        Session inUse = begun(10, 0);
        Session unconfirmed = answered(GREATEST, LATER);
        begun(11, LATER + 1);
        assertSame(unconfirmed, keypairs.previous());
        assertTrue(isReadable(inUse));
        begun(12, LATER + 1 + REST);
        assertFalse(isReadable(inUse));
        assertFalse(isReadable(unconfirmed));
    }

    @Test
    void shouldReadOnUnderWhatAConfirmedSessionReplaces() {
        Session first = begun(10, 0);
        Session peers = answered(LEAST, LATER);
        Session own = begun(11, LATER + 1);
        assertTrue(keypairs.confirm(peers, LATER + 2));
        assertSame(peers, keypairs.current());
        assertSame(own, keypairs.previous());
        assertTrue(isReadable(first));

        begun(12, LATER + 1 + REST);
        assertFalse(isReadable(first));
        assertTrue(isReadable(own), "replaced " + (REST - 1) + " ns ago");
    }

    @Test
    void shouldEndAtOnceWhatHasRestedWhenASessionIsConfirmed() {
        Session first = begun(10, 0);
        Session peers = answered(LEAST, LATER);
        begun(11, LATER + 1);
        assertTrue(keypairs.confirm(peers, LATER + 1 + REST));
        assertFalse(isReadable(first));
    }

    @Test
    void shouldLeaveNothingWhenItIsWiped() {
        Session late = begun(10, 0);
        Session previous = begun(11, 1);
        Session next = answered(LEAST, 2);
        Session current = begun(12, 3);
        assertSame(next, keypairs.next());
        List<Session> all = List.of(late, previous, next, current);
        for (Session session : all) {
            assertTrue(isReadable(session) && keypairs.hasRemoteIndex(session.remoteIndex()));
        }

        keypairs.wipe();
        assertEquals(0, indices.size());
        assertNull(keypairs.previous());
        assertNull(keypairs.current());
        assertNull(keypairs.next());
        for (Session session : all) {
            assertFalse(session.maySend(4) || keypairs.hasRemoteIndex(session.remoteIndex()));
        }
    }

    /** A session that this end began. */
    private Session begun(int remoteIndex, long nowNanos) {
        Session session = session(true, remoteIndex, nowNanos);
        keypairs.startAsInitiator(session, nowNanos);
        return session;
    }

    /** A session that the peer began, not yet confirmed. */
    private Session answered(int remoteIndex, long nowNanos) {
        Session session = session(false, remoteIndex, nowNanos);
        keypairs.startAsResponder(session, nowNanos);
        return session;
    }

    private Session session(boolean initiator, int remoteIndex, long nowNanos) {
        int localIndex = indices.add(new Indexed(peer, null));
        SessionKeys keys = new SessionKeys(
                initiator,
                localIndex,
                remoteIndex,
                JdkPacketCipher.FACTORY.of(new byte[32]),
                JdkPacketCipher.FACTORY.of(new byte[32]));
        Session session = new Session(peer, keys, nowNanos);
        indices.replace(localIndex, new Indexed(peer, session));
        return session;
    }

    private boolean isReadable(Session session) {
        return indices.get(session.localIndex()) != null;
    }
}
