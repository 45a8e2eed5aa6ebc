package dev.warren.loadtest.relay;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.loadtest.measure.Progress;
import dev.warren.loadtest.measure.Result;
import dev.warren.loadtest.measure.Timeline;
import dev.warren.platform.config.UserError;
import dev.warren.relay.RelayConfig;
import dev.warren.relay.RelayServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The load on our own relay in this JVM. */
@Timeout(60)
class RelayLoadTest {
    private static final long OWN_PID = ProcessHandle.current().pid();

    private static RelayServer plain;
    private static RelayServer secured;

    @BeforeAll
    static void start(@TempDir Path folder) throws IOException {
        plain = RelayServer.start(config(folder, null));
        secured = RelayServer.start(
                config(folder, new RelayConfig.Tls(folder.resolve("cert.pem"), folder.resolve("key.pem"), true)));
    }

    @AfterAll
    static void stop() {
        plain.close();
        secured.close();
    }

    private static RelayConfig config(Path folder, RelayConfig.@Nullable Tls tls) {
        return new RelayConfig(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                folder.resolve("relay.key"),
                tls,
                new RelayConfig.Place("localhost", 900),
                null,
                null,
                RelayConfig.Tuning.standard());
    }

    @ParameterizedTest
    @CsvSource(
            textBlock =
                    """
                    false, pairs=3
                    false, pairs=3 burst=16 size=1400
                    false, pairs=6 fan-in=3 burst=4 clients=10 threads=2
                    false, pairs=2 mix=32:1;1400:3 burst=8
                    false, pairs=2 size=65536 burst=2
                    false, pairs=2 disco=50
                    true,  pairs=3
                    true,  pairs=2 burst=16 size=1400
                    true,  pairs=1 size=65536 window=2
                    true,  pairs=2 mix=62:1;9000:1 disco=100 threads=2
                    """)
    void shouldDeliverInOrderAndAddUp(boolean tls, String texts) throws Exception {
        Result result = run(tls, texts.replace(';', ',') + " pid=" + OWN_PID);
        assertEquals(0, value(result, "loss"), result::toString);
        assertEquals(0, value(result, "out of order"));
        double delivered = value(result, "delivered");
        assertTrue(delivered > 0, result::toString);
        Timeline timeline = result.timelines().getFirst();
        assertEquals(
                delivered * 0.35,
                timeline.perInterval().stream().mapToDouble(Double::doubleValue).sum() * timeline.intervalSeconds()
                        - timeline.perInterval().getLast() * 0.05,
                delivered * 0.001);
        double bytes = value(result, "throughput") / 8 / delivered;
        Matcher size = Pattern.compile("size=(\\d+)").matcher(texts);
        if (size.find()) {
            assertEquals(Integer.parseInt(size.group(1)), bytes, 0.001);
        }
        assertTrue(value(result, "latency p50") <= value(result, "latency p99"));
        assertTrue(value(result, "latency p99") <= value(result, "latency max"));
        assertTrue(value(result, "server memory") > 1e6);
        assertEquals(
                tls ? "TLSv1.3 TLS_AES_128_GCM_SHA256" : "plain TCP",
                result.settings().get("transport"));
        assertTrue(result.unclean().stream().allMatch(RelayLoadTest::isAboutTheMachine), result::toString);
    }

    @ParameterizedTest
    @CsvSource({"false", "true"})
    void shouldSendAtTheRateThatWasAskedFor(boolean tls) throws Exception {
        Result result = run(tls, "pairs=4 rate=2000 warmup=100ms");
        assertEquals(0, value(result, "loss"), result::toString);
        // A machine that is busy makes some of them late, and those at the edges count elsewhere.
        assertEquals(700, (double) result.curves().getFirst().count(), 70);
        assertEquals("2000.0", result.settings().get("rate"));
        assertTrue(result.figure("generator lag p99").isPresent());
    }

    @Test
    void shouldShowSlowReceiversApart() throws Exception {
        Result result = run(false, "pairs=4 slow-receivers=1 slow-rate=200000 size=1000 rate=4000 duration=700ms");
        assertEquals(0, value(result, "loss"), result::toString);
        double others = value(result, "delivered");
        double slow = value(result, "delivered (slow receivers)");
        // 200 kB a second are 200 packets, beside 1000 for each of the others.
        assertTrue(slow < others / 3, result::toString);
        assertTrue(
                value(result, "latency (slow receivers) p50") > value(result, "latency p50") || slow == 0,
                result::toString);
        assertEquals("1 at 200000 B/s", result.settings().get("slow receivers"));
    }

    @ParameterizedTest
    @CsvSource({"false, 0, 2", "true, 0, 1", "false, 200, 1", "true, 60, 2"})
    void shouldConnectAndLeaveAgainAndAgain(boolean tls, int rate, int threads) throws Exception {
        Result result = run(tls, "connect-storm=" + rate + " parallel=4 threads=" + threads + " pid=" + OWN_PID);
        assertTrue(value(result, "connects") > 0, result::toString);
        assertEquals(0, value(result, "failed connects"), result::toString);
        assertTrue(value(result, "connect latency p50") > 0);
        assertTrue(value(result, "server CPU per connect") >= 0);
        assertEquals("connects", result.timelines().getFirst().name());
    }

    @ParameterizedTest
    @CsvSource({"false", "true"})
    void shouldWeighAnIdleCrowd(boolean tls) throws Exception {
        Result result = run(tls, "idle=300 pid=" + OWN_PID);
        assertEquals(
                value(result, "server memory with them") - value(result, "server memory before"),
                300 * value(result, "bytes per idle client"),
                1);
        assertTrue(value(result, "time to connect all") > 0);
        assertEquals("300", result.settings().get("idle clients"));
    }

    @Test
    void shouldSayWhatToDoAboutACertificateThatNobodySigned() throws Exception {
        UserError refused = assertThrows(UserError.class, () -> load("target=" + url(true) + " pairs=1"));
        String message = String.valueOf(refused.getMessage());
        assertTrue(message.contains("its certificate cannot be verified"), message);
        assertTrue(message.contains("give --insecure to accept any, or --pin sha256-raw:"), message);
        Matcher pin = Pattern.compile("--pin (\\S+)").matcher(message);
        assertTrue(pin.find());
        Result result = load("target=" + url(true) + " pairs=1 pin=" + pin.group(1));
        assertTrue(value(result, "delivered") > 0);

        String other = "sha256-raw:" + "ab".repeat(32);
        UserError notThatOne =
                assertThrows(UserError.class, () -> load("target=" + url(true) + " pairs=1 pin=" + other));
        assertTrue(String.valueOf(notThatOne.getMessage()).contains("which is not the one that was expected"));
    }

    @Test
    void shouldSayThatTheProcessIsNotThere() {
        UserError refused = assertThrows(UserError.class, () -> run(false, "pairs=1 pid=2147483646"));
        assertEquals("there is no process 2147483646: give the relay's with --pid", refused.getMessage());
    }

    @Test
    void shouldSayThatThereAreTooFewDescriptors() {
        UserError refused = assertThrows(UserError.class, () -> run(false, "pairs=1 clients=100000000"));
        String message = String.valueOf(refused.getMessage());
        assertTrue(message.contains("file descriptors are needed for 100000000 clients"), message);
        UserError idle = assertThrows(UserError.class, () -> run(false, "idle=100000000 pid=" + OWN_PID));
        assertTrue(String.valueOf(idle.getMessage()).contains("file descriptors are needed"));
    }

    private static Result run(boolean tls, String texts) throws Exception {
        return load("target=" + url(tls) + (tls ? " insecure=true " : " ") + texts);
    }

    private static String url(boolean tls) {
        return tls ? "https://localhost:" + secured.port() : "http://127.0.0.1:" + plain.port();
    }

    /** A short run; what {@code texts} says goes before what is usual here. */
    static Result load(String texts) throws IOException, InterruptedException {
        Map<String, String> map = new HashMap<>(Map.of("duration", "350ms", "warmup", "50ms"));
        for (String text : texts.strip().split(" +", -1)) {
            int equals = text.indexOf('=');
            map.put(text.substring(0, equals), text.substring(equals + 1));
        }
        return new RelayLoad(RelaySettings.parse(map)).run(Progress.silent());
    }

    static double value(Result result, String figure) {
        return result.figure(figure).orElseThrow().value();
    }

    /** Other processes may be busy while tests run. */
    static boolean isAboutTheMachine(String reason) {
        return reason.startsWith("other processes took")
                || reason.startsWith("the hypervisor took")
                || reason.startsWith("the generator could not keep its schedule");
    }
}
