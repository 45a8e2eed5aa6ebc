package dev.warren.protocol.wireguard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.protocol.testing.Seeds;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Scripts: what happens at which second, and what the timers ask for then (WireGuard paper section 6). */
@Timeout(30)
class PeerTimersTest {
    private static final long SECOND = 1_000_000_000L;

    private final Script script = new Script();
    private final PeerTimers timers = new PeerTimers(new NoJitter());

    @Test
    void shouldHaveNoDeadlineAtFirst() {
        assertEquals(PeerTimers.NEVER, timers.nextDeadlineNanos());
        runUntil(10_000);
        script.expect();
    }

    @Test
    void shouldRetryAHandshakeEveryFiveSecondsAndGiveUpAfterNinety() {
        timers.handshakeInitiated(0);
        runUntil(1000);

        List<String> expected = new ArrayList<>();
        for (int i = 1; i <= 19; i++) {
            expected.add(5 * i + " retryHandshake");
        }
        expected.add("100 giveUpHandshake");
        expected.add("640 wipeKeys");
        assertEquals(expected, script.lines);
    }

    @Test
    void shouldOweNoKeepaliveOnceItHasGivenUp() {
        timers.handshakeInitiated(0);
        runUntil(99);
        timers.dataReceived(99 * SECOND);
        script.lines.clear();
        runUntil(200);
        script.expect("100 giveUpHandshake");
    }

    @Test
    void shouldCountAttemptsAnewWhenSomebodyWantsTheHandshake() {
        timers.handshakeInitiated(0);
        runUntil(60);
        assertEquals(12, timers.attempts());
        timers.handshakeWanted();
        assertEquals(0, timers.attempts());
        runUntil(140);
        assertEquals(28, script.lines.size(), "16 more retries, and not given up");
    }

    @Test
    void shouldStopRetryingWhenTheHandshakeIsComplete() {
        timers.handshakeInitiated(0);
        runUntil(7);
        timers.handshakeComplete();
        runUntil(500);
        script.expect("5 retryHandshake");
        assertEquals(0, timers.attempts());
    }

    @Test
    void shouldNotForgetAHandshakeThatWasPutOff() {
        timers.handshakePutOff(3 * SECOND);
        timers.handshakePutOff(4 * SECOND);
        assertEquals(3 * SECOND, timers.nextDeadlineNanos());
        timers.handshakePutOff(3 * SECOND + 1);
        assertEquals(3 * SECOND, timers.nextDeadlineNanos(), "not by a jitter's length");
        timers.handshakePutOff(3 * SECOND - Constants.REKEY_JITTER_NANOS);
        assertEquals(3 * SECOND, timers.nextDeadlineNanos(), "what is due that soon stays");
        timers.handshakePutOff(2 * SECOND);
        assertEquals(2 * SECOND, timers.nextDeadlineNanos(), "sooner than a retry");
    }

    @Test
    void shouldKnowWhetherThePeerIsSilentSinceTheLastInitiation() {
        assertTrue(timers.isSilent());
        timers.authenticatedReceived(SECOND);
        assertFalse(timers.isSilent());
        timers.handshakeInitiated(2 * SECOND);
        assertTrue(timers.isSilent());
    }

    @Test
    void shouldAnswerDataWithAKeepaliveAfterTenSeconds() {
        timers.dataReceived(2 * SECOND);
        assertEquals(12 * SECOND, timers.nextDeadlineNanos());
        runUntil(100);
        script.expect("12 sendKeepalive");
    }

    @Test
    void shouldAnswerOnceMoreWhenDataCameInTheMeantime() {
        timers.dataReceived(2 * SECOND);
        timers.dataReceived(11 * SECOND);
        runUntil(100);
        script.expect("12 sendKeepalive", "22 sendKeepalive");
    }

    @Test
    void shouldNotSendAKeepaliveWhenSomethingElseWasSent() {
        timers.dataReceived(2 * SECOND);
        timers.authenticatedSent(3 * SECOND);
        runUntil(100);
        script.expect();
    }

    @Test
    void shouldStartAHandshakeWhenFifteenSecondsBringNoAnswer() {
        timers.dataSent(SECOND);
        timers.dataSent(9 * SECOND);
        runUntil(100);
        script.expect("16 startHandshake");
    }

    @Test
    void shouldBeContentWithAnyAuthenticAnswer() {
        timers.dataSent(SECOND);
        timers.authenticatedReceived(15 * SECOND);
        runUntil(100);
        script.expect();
    }

    @Test
    void shouldWipeKeysAfterThreeLifetimes() {
        timers.sessionDerived(0);
        timers.sessionDerived(100 * SECOND);
        runUntil(2000);
        script.expect("640 wipeKeys");
    }

    @Test
    void shouldKeepALineOpenWhenAsked() {
        timers.setPersistentKeepalive(25);
        timers.authenticatedSent(0);
        timers.authenticatedReceived(5 * SECOND);
        runUntil(60);
        script.expect("30 sendKeepalive", "55 sendKeepalive");
        timers.setPersistentKeepalive(0);
        assertEquals(PeerTimers.NEVER, timers.nextDeadlineNanos());
    }

    @Test
    void shouldPutThePersistentKeepaliveOffByAnythingSentOrReceived() {
        timers.setPersistentKeepalive(25);
        timers.authenticatedReceived(0);
        assertEquals(25 * SECOND, timers.nextDeadlineNanos());
        timers.authenticatedSent(10 * SECOND);
        assertEquals(35 * SECOND, timers.nextDeadlineNanos());
    }

    /** As when there is no session yet: nothing tells the timers that it was sent. */
    @Test
    void shouldAskForThePersistentKeepaliveAgainThoughItWasNotSent() {
        PeerTimers unsent = new PeerTimers(new NoJitter());
        unsent.setPersistentKeepalive(25);
        unsent.authenticatedSent(0);
        unsent.poll(25 * SECOND, script);
        assertEquals(25 * SECOND + 25 * SECOND, unsent.nextDeadlineNanos());
    }

    @Test
    void shouldOweNothingAfterAStop() {
        timers.dataReceived(0);
        timers.dataReceived(SECOND);
        timers.stop();
        timers.dataReceived(20 * SECOND);
        runUntil(100);
        script.expect("30 sendKeepalive");
    }

    @Test
    void shouldStopAltogether() {
        timers.setPersistentKeepalive(1);
        timers.authenticatedSent(0);
        timers.dataSent(0);
        timers.dataReceived(0);
        timers.sessionDerived(0);
        timers.handshakeInitiated(0);
        timers.stop();
        assertEquals(PeerTimers.NEVER, timers.nextDeadlineNanos());
    }

    @Test
    void shouldSpreadRetriesByUpToAThirdOfASecond() {
        Seeds.forEach(100, random -> {
            PeerTimers jittery = new PeerTimers(random);
            jittery.handshakeInitiated(0);
            long delayNanos = jittery.nextDeadlineNanos() - 5 * SECOND;
            assertTrue(delayNanos >= 0 && delayNanos < 334_000_000L, "delay " + delayNanos);
        });
    }

    @Test
    void shouldNeverBeDueAgainAtTheSameMoment() {
        Seeds.forEach(200, random -> {
            PeerTimers tested = new PeerTimers(random);
            Script ignored = new Script();
            long now = 0;
            for (int i = 0; i < 200; i++) {
                event(tested, random.nextInt(9), now, random);
                now = random.nextBoolean() && tested.nextDeadlineNanos() != PeerTimers.NEVER
                        ? Math.max(now, tested.nextDeadlineNanos())
                        : now + random.nextLong(20 * SECOND);
                tested.poll(now, ignored);
                assertTrue(tested.nextDeadlineNanos() > now);
            }
        });
    }

    private static void event(PeerTimers timers, int kind, long now, RandomGenerator random) {
        switch (kind) {
            case 0 -> timers.dataSent(now);
            case 1 -> timers.dataReceived(now);
            case 2 -> timers.authenticatedSent(now);
            case 3 -> timers.authenticatedReceived(now);
            case 4 -> timers.handshakeInitiated(now);
            case 5 -> timers.handshakeComplete();
            case 6 -> timers.sessionDerived(now);
            case 7 -> timers.setPersistentKeepalive(random.nextInt(3));
            default -> timers.handshakeWanted();
        }
    }

    /** Jumps from deadline to deadline. */
    private void runUntil(long seconds) {
        while (timers.nextDeadlineNanos() <= seconds * SECOND) {
            script.nowNanos = timers.nextDeadlineNanos();
            timers.poll(script.nowNanos, script);
        }
    }

    /** Writes down the actions; a retry is reported back as sent, as the device does. */
    private final class Script implements PeerTimers.Actions {
        private final List<String> lines = new ArrayList<>();
        private long nowNanos;

        void expect(String... expected) {
            assertEquals(List.of(expected), lines);
        }

        @Override
        public void retryHandshake() {
            write("retryHandshake");
            timers.handshakeInitiated(nowNanos);
        }

        @Override
        public void giveUpHandshake() {
            write("giveUpHandshake");
        }

        @Override
        public void sendKeepalive() {
            write("sendKeepalive");
            timers.authenticatedSent(nowNanos);
        }

        @Override
        public void startHandshake() {
            write("startHandshake");
        }

        @Override
        public void wipeKeys() {
            write("wipeKeys");
        }

        private void write(String what) {
            lines.add(nowNanos / SECOND + " " + what);
        }
    }

    private static final class NoJitter implements RandomGenerator {
        @Override
        public long nextLong() {
            return 0;
        }
    }
}
