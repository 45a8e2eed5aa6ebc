package dev.warren.node.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A plain interface on a machine that sleeps and wakes up in another network, where it has nothing to say itself. */
@Timeout(30)
final class SleepingClientTest {
    private static final long SECOND = NamedPair.SECOND;

    private final NamedPair pair = new NamedPair();

    @BeforeEach
    void connect() {
        pair.dns("192.0.2.10");
        pair.setName();
        assertEquals(1, pair.secondsUntilOneArrives(2));
    }

    private void sleep(long nanos) {
        pair.now += nanos;
        pair.client.address = NamedPair.at("198.51.100.77");
        pair.client.engine.networkChanged(NetworkChange.slept(nanos), List.of(), pair.now);
    }

    private void serverReachesIt() {
        int before = pair.client.received;
        pair.server.send();
        pair.run(SECOND);
        assertEquals(before + 1, pair.client.received);
    }

    @Test
    void shouldBeReachedAfterAShortSleep() {
        sleep(60 * SECOND);
        pair.run(SECOND);
        serverReachesIt();
    }

    @Test
    void shouldBeReachedAfterALongSleepByANewSession() {
        long handshake = pair.client.peer().lastHandshakeUnixNanos();
        sleep(3600 * SECOND);
        pair.run(SECOND);
        serverReachesIt();
        assertTrue(pair.client.peer().lastHandshakeUnixNanos() > handshake);
        assertEquals(2, pair.asked.size(), "the server's name is looked up again");
    }
}
