package dev.warren.relay;

import static dev.warren.relay.TestRelay.await;
import static dev.warren.relay.TestRelay.count;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.protocol.derp.Frame;
import dev.warren.protocol.derp.ServerInfo;
import dev.warren.relay.client.RelayContext;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.distribution.CountAtBucket;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What operators of derper have counters for, and no other test moves. */
@Timeout(30)
class OperatorMetricsTest {
    @TempDir
    Path folder;

    @Test
    void shouldSampleTheRoundTripWithEachKeepAlive() throws Exception {
        // By TCP_INFO, which epoll gives, and that is what there is wherever the tests run.
        RelayContext.Timing often = new RelayContext.Timing(10_000, 10_000, 60);
        try (RelayServer relay = TestRelay.start(folder, false, often, null);
                TestClient client = TestClient.connect(relay.port())) {
            for (int i = 0; i < 3; i++) {
                assertEquals(new Frame.KeepAlive(), client.next());
            }
            Timer timer = relay.registry().get("warren.relay.round.trip").timer();
            await("samples", () -> timer.count() >= 2);
            assertTrue(timer.totalTime(TimeUnit.MICROSECONDS) > 0);
            assertTrue(timer.max(TimeUnit.SECONDS) < 5);
            double[] buckets = Arrays.stream(timer.takeSnapshot().histogramCounts())
                    .mapToDouble(CountAtBucket::bucket)
                    .map(nanos -> nanos / 1e6)
                    .toArray();
            assertEquals("[10.0, 20.0, 50.0, 100.0, 150.0, 250.0, 500.0]", Arrays.toString(buckets));
        }
    }

    @Test
    void shouldCountWhoMovesAfterItsFirstSeconds() throws Exception {
        try (RelayServer relay = TestRelay.plain(folder);
                TestClient client = TestClient.connect(relay.port())) {
            client.send(new Frame.NotePreferred(true), new Frame.NotePreferred(false));
            client.settled();
            assertEquals(0, count(relay, "warren.relay.home.moves"));
            await("the first five seconds are over", () -> {
                try {
                    client.send(new Frame.NotePreferred(true), new Frame.NotePreferred(false));
                    client.settled();
                } catch (Exception failed) {
                    throw new AssertionError(failed);
                }
                return count(relay, "warren.relay.home.moves", "direction", "out") > 0;
            });
            double in = count(relay, "warren.relay.home.moves", "direction", "in");
            double out = count(relay, "warren.relay.home.moves", "direction", "out");
            assertTrue(out - in <= 1 && out >= in, in + " in, " + out + " out");
        }
    }

    @Test
    void shouldCountWhoWantedAnotherRelayInWhateverForm() throws Exception {
        try (RelayServer relay = TestRelay.plain(folder);
                TestClient normal = TestClient.start(relay.port(), TestClient.newKey(), "900b");
                WebSocketTestClient webSocket = WebSocketTestClient.connect(relay, "900b")) {
            await("both are counted", () -> TestRelay.gauge(relay, "warren.relay.not.ideal.clients") == 2);
            normal.close();
            webSocket.close();
            await("both have left", () -> TestRelay.gauge(relay, "warren.relay.not.ideal.clients") == 0);
        }
    }

    @Test
    void shouldNotTakeAnEmptyNodeForAWish() throws Exception {
        try (RelayServer relay = TestRelay.plain(folder);
                TestClient client = TestClient.start(relay.port(), TestClient.newKey(), "")) {
            assertInstanceOf(ServerInfo.class, client.next());
            assertEquals(0, TestRelay.gauge(relay, "warren.relay.not.ideal.clients"));
        }
    }
}
