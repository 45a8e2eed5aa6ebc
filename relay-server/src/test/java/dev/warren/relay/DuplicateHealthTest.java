package dev.warren.relay;

import static dev.warren.relay.TestRelay.await;
import static dev.warren.relay.TestRelay.gauge;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.protocol.derp.Frame;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What connections that share a key are told. */
@Timeout(60)
class DuplicateHealthTest {
    private static final Frame OVER = new Frame.Health("");

    @TempDir
    Path folder;

    private final List<AutoCloseable> opened = new ArrayList<>();
    private RelayServer relay;

    @BeforeEach
    void start() throws Exception {
        relay = TestRelay.plain(folder);
    }

    @AfterEach
    void stop() throws Exception {
        for (AutoCloseable each : opened.reversed()) {
            each.close();
        }
        relay.close();
    }

    @Test
    void shouldTellBothAndTheLastOneThatItIsOver() throws Exception {
        TestClient first = opening(TestClient.connect(relay.port()));
        TestClient stranger = opening(TestClient.connect(relay.port()));
        TestClient second = opening(TestClient.connect(relay.port(), first.key));
        assertTrue(problem(first).contains("key"));
        assertTrue(problem(second).contains("key"));
        assertEquals(1, gauge(relay, "warren.relay.duplicated.keys"));
        TestClient third = opening(TestClient.connect(relay.port(), first.key));
        assertTrue(problem(third).contains("key"));
        first.close();
        await("it has left", () -> gauge(relay, "warren.relay.connections") == 3);
        assertTrue(second.settled().isEmpty());
        assertTrue(second.health.isEmpty(), "two are left");
        third.close();
        assertEquals(OVER, second.health.poll(10, TimeUnit.SECONDS));
        await("none is left", () -> gauge(relay, "warren.relay.duplicated.keys") == 0);
        assertTrue(stranger.settled().isEmpty());
        assertTrue(stranger.health.isEmpty());
    }

    @Test
    void shouldNotRepeatItselfForOneThatComesAndGoes() throws Exception {
        TestClient stays = opening(TestClient.connect(relay.port()));
        for (int i = 0; i < 20; i++) {
            try (TestClient guest = TestClient.connect(relay.port(), stays.key)) {
                assertTrue(problem(guest).contains("key"));
            }
            await("it has left", () -> gauge(relay, "warren.relay.connections") == 1);
        }
        assertTrue(problem(stays).contains("key"));
        assertEquals(OVER, stays.health.poll(10, TimeUnit.SECONDS));
        assertTrue(stays.settled().isEmpty());
        assertTrue(stays.health.isEmpty());
        // But one that stays is told of, if later.
        opening(TestClient.connect(relay.port(), stays.key));
        Object told = stays.health.poll(30, TimeUnit.SECONDS);
        assertInstanceOf(Frame.Health.class, told);
        assertTrue(stays.health.isEmpty());
    }

    private static String problem(TestClient client) throws InterruptedException {
        return assertInstanceOf(Frame.Health.class, client.health.poll(10, TimeUnit.SECONDS))
                .problem();
    }

    private <T extends AutoCloseable> T opening(T made) {
        opened.add(made);
        return made;
    }
}
