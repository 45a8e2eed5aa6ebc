package dev.warren.loadtest.relay;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.loadtest.measure.Figure;
import dev.warren.loadtest.measure.Progress;
import dev.warren.loadtest.measure.Result;
import dev.warren.platform.config.UserError;
import dev.warren.relay.RelayConfig;
import dev.warren.relay.RelayServer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The short form of the hour. */
@Timeout(60)
class SoakTest {
    private static final long MEGABYTE = 1 << 20;

    @TempDir
    Path folder;

    @Test
    void shouldSendAPartOfTheMostAndWatchTheMemory() throws Exception {
        RelayConfig config = new RelayConfig(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                folder.resolve("relay.key"),
                null,
                new RelayConfig.Place("localhost", 900),
                null,
                null,
                RelayConfig.Tuning.standard());
        try (RelayServer relay = RelayServer.start(config)) {
            Map<String, String> load = Map.of(
                    "target", "http://127.0.0.1:" + relay.port(),
                    "pid", String.valueOf(ProcessHandle.current().pid()),
                    "pairs", "4",
                    "warmup", "200ms",
                    "duration", "2s");
            Soak.Outcome outcome = new Soak(load, 0.1, "500ms").run(Progress.silent());
            Result result = outcome.result();
            double asked = Double.parseDouble(result.settings().get("rate"));
            assertTrue(asked > 1, result::toString);
            assertTrue(value(result, "delivered") <= asked * 1.1, result::toString);
            assertTrue(value(result, "server memory, last quarter") > 1e6, result::toString);
            assertTrue(
                    result.timelines().stream()
                            .anyMatch(line -> line.name().equals("server memory")
                                    && line.perInterval().size() > 100),
                    result::toString);
            assertEquals(0, value(result, "loss"), result::toString);
            assertTrue(outcome.passed(), result::toString);
        }
    }

    @Test
    void shouldTellMemoryThatGrowsFromMemoryThatDoesNot() {
        List<Long> warmsUp = LongStream.range(0, 100)
                .map(i -> MEGABYTE * Math.min(100, 20 + i * 4))
                .boxed()
                .toList();
        assertTrue(MemoryTrend.of(warmsUp).isFlat());
        List<Long> wavers = LongStream.range(0, 100)
                .map(i -> MEGABYTE * (200 + 20 * (i % 2)))
                .boxed()
                .toList();
        assertTrue(MemoryTrend.of(wavers).isFlat());
        List<Long> leaks =
                LongStream.range(0, 100).map(i -> MEGABYTE * (100 + i)).boxed().toList();
        assertFalse(MemoryTrend.of(leaks).isFlat());
        assertThrows(IllegalArgumentException.class, () -> MemoryTrend.of(List.of(1L, 2L, 3L)));
    }

    @Test
    void shouldSayThatNobodyListens() {
        Map<String, String> load = Map.of("target", "http://127.0.0.1:1", "pid", "1", "warmup", "0s");
        UserError refused = assertThrows(UserError.class, () -> new Soak(load, 0.5, "100ms").run(Progress.silent()));
        assertTrue(String.valueOf(refused.getMessage()).contains("127.0.0.1:1"), refused::toString);
    }

    private static double value(Result result, String name) {
        return result.figure(name).map(Figure::value).orElse(Double.NaN);
    }
}
