package dev.warren.loadtest.stun;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.warren.platform.config.UserError;
import dev.warren.platform.linux.Errno;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(30)
final class HealthTest {
    private static final Duration SOON = Duration.ofMillis(100);

    private final Health health = new Health(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 3478));

    @BeforeEach
    void ask() {
        health.asked();
        health.asked();
    }

    @Test
    void shouldWaitForASilentTargetForASetTime() {
        assertDoesNotThrow(() -> health.check(SOON, false));
        assertDoesNotThrow(() -> health.check(Health.PATIENCE.minusNanos(1), false));
        String sentence = "127.0.0.1:3478 answered none of 2 requests: check that a STUN server listens on this UDP"
                + " port, that no firewall is in between, and that it answers this --form";
        assertEquals(sentence, complaint(Health.PATIENCE, false));
        assertEquals(sentence, complaint(SOON, true));
    }

    @Test
    void shouldBeContentWithOneRightAnswer() {
        health.refused(Errno.ECONNREFUSED.number());
        health.wrong(Wrong.NOT_STUN);
        health.right();
        assertDoesNotThrow(() -> health.check(Health.PATIENCE, true));
        assertEquals(1, health.refusals());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    ECONNREFUSED | nothing listens on UDP 127.0.0.1:3478: start the server, or check host and port
                    EHOSTUNREACH | 127.0.0.1:3478 cannot be reached (EHOSTUNREACH, no route to host): check the address and the routes to it
                    EPERM        | this machine's firewall keeps datagrams from 127.0.0.1:3478: let them through
                    ENOBUFS      | sending to 127.0.0.1:3478 fails (ENOBUFS, no buffer space)
                    """)
    void shouldTellAtOnceWhatTheNetworkSays(Errno errno, String sentence) {
        health.refused(errno.number());
        assertEquals(sentence, complaint(SOON, false));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    NOT_STUN      | not STUN; something else seems to listen there, check the port
                    WRONG_ADDRESS | another address than the socket's own; a NAT in between does that, measure without it
                    REFUSED       | an error response; try the other --form
                    NO_ADDRESS    | no XOR-MAPPED-ADDRESS; check what listens there
                    """)
    void shouldTellWhatIsWrongWithMostAnswers(Wrong reason, String rest) {
        health.wrong(Wrong.BROKEN);
        for (int i = 0; i < 8; i++) {
            health.wrong(reason);
        }
        assertDoesNotThrow(() -> health.check(SOON, false));
        health.wrong(reason);
        assertEquals("127.0.0.1:3478 gives no right answer: what comes is " + rest, complaint(SOON, false));
    }

    private String complaint(Duration elapsed, boolean atEnd) {
        return String.valueOf(assertThrows(UserError.class, () -> health.check(elapsed, atEnd))
                .getMessage());
    }
}
