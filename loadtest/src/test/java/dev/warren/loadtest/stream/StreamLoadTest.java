package dev.warren.loadtest.stream;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.loadtest.measure.Progress;
import dev.warren.loadtest.measure.Result;
import dev.warren.loadtest.tunnel.IperfReport;
import dev.warren.platform.config.Program;
import dev.warren.protocol.testing.Requirements;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.NetworkInterface;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The real thing, short: our relay, two ends of each sort, iperf3 and ping. */
@Timeout(180)
final class StreamLoadTest {
    private static final List<String> ABOVE_ZERO = List.of(
            "TCP 1 stream",
            "ping beside p50",
            "ping beside p99",
            "ping beside max",
            "server CPU per GB",
            "ends' cores",
            "through the relay");

    @TempDir
    Path folder;

    @ParameterizedTest
    @CsvSource({"warren, plain", "wireguard-go-newest, plain", "wireguard-go-newest, TLS"})
    void shouldMeasureAStreamThroughTheRelay(String impl, String transport) throws Exception {
        need(impl);
        List<String> interfaces = interfaces();
        List<Path> folders = folders();
        boolean tls = transport.equals("TLS");
        try (LonelyRelay relay = tls
                ? LonelyRelay.start(folder, "0.0.0.0", "--hostname", "localhost")
                : LonelyRelay.start(folder, "0.0.0.0", "--plaintext")) {
            String target = (tls ? "https" : "http") + "://localhost:" + relay.port;
            Map<String, String> settings = Map.of(
                    "target",
                    target,
                    "pid",
                    Long.toString(relay.pid()),
                    "impl",
                    impl,
                    "duration",
                    "1s",
                    "warmup",
                    "0s");
            Result result = StreamLoad.of(settings, environment(impl)).run(Progress.silent());

            for (String name : ABOVE_ZERO) {
                assertTrue(value(result, name) > 0, name + " in " + result.figures());
            }
            assertTrue(result.figure("TCP retransmits").isPresent());
            double bytes = value(result, "through the relay");
            assertTrue(bytes > value(result, "TCP 1 stream") / 8, "headers come on top: " + result.figures());
            assertTrue(forwarded(relay) >= bytes, "by the relay's own count " + forwarded(relay));
            assertEquals(transport, result.settings().get("transport"));
            assertEquals(interfaces, interfaces());
            assertEquals(folders, folders());
        }
    }

    @Test
    void shouldMeasureAStreamThroughTheUdpRelay() throws Exception {
        need("warren");
        try (LonelyRelay relay = LonelyRelay.start(
                folder,
                "0.0.0.0",
                "--plaintext",
                "--udp-relay-listen",
                "0.0.0.0:3479",
                "--udp-relay-address",
                RelayNetwork.ADDRESS + ":3479")) {
            Map<String, String> settings = Map.of(
                    "target",
                    "http://localhost:" + relay.port,
                    "pid",
                    Long.toString(relay.pid()),
                    "udp-relay",
                    folder.resolve("relay.key").toString(),
                    "duration",
                    "1s",
                    "warmup",
                    "0s");
            Result result = StreamLoad.of(settings, environment("warren")).run(Progress.silent());

            assertEquals("UDP relay", result.settings().get("transport"));
            double bytes = value(result, "through the relay");
            assertTrue(bytes > value(result, "TCP 1 stream") / 8, "headers come on top: " + result.figures());
            double forwarded = relay.metrics()
                    .lines()
                    .filter(line -> line.startsWith("warren_udp_relay_forwarded_bytes_total "))
                    .mapToDouble(line -> Double.parseDouble(line.substring(line.indexOf(' '))))
                    .sum();
            assertTrue(forwarded >= bytes, "by the relay's own count " + forwarded);
        }
    }

    @Test
    void shouldRefuseAStreamThatWentAnotherWay() throws IOException {
        IperfReport stream = new IperfReport(1_000_000, 1, 0, 0, List.of());
        StreamRun.Moment before = moment(5, 1_000);
        assertEquals(1_100_000, StreamRun.requireRelayed(before, moment(5, 1_101_000), stream));

        IOException past =
                assertThrows(IOException.class, () -> StreamRun.requireRelayed(before, moment(7, 1_101_000), stream));
        assertTrue(String.valueOf(past.getMessage()).contains("2 packets were forwarded past it"), past.getMessage());
        IOException direct =
                assertThrows(IOException.class, () -> StreamRun.requireRelayed(before, moment(5, 2_000), stream));
        assertTrue(
                String.valueOf(direct.getMessage()).contains("of which the ends had 1000 from the relay"),
                direct.getMessage());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    --target=http://localhost:1 --pid=999999999          | there is no process 999999999
                    --target=http://localhost:1 --pid=1 --impl=wireguard | "wireguard" cannot be at the ends of a stream
                    --target=http://localhost:1 --pid=me                 | pid must be the number of the relay's process
                    --target=localhost --pid=1                           | the target "localhost" is no relay's URL
                    --target=http://localhost:1 --pid=1 --duration=5     | duration must be whole seconds such as 5s
                    """)
    void shouldSayInOneSentenceWhatIsWrong(String arguments, String sentence) {
        need("warren");
        StringWriter error = new StringWriter();
        int code = new Program(Map.of(), new PrintWriter(new StringWriter()), new PrintWriter(error, true))
                .run(new StreamCommand(), arguments.split(" ", -1));
        assertEquals(1, code);
        assertTrue(error.toString().startsWith("warren stream: " + sentence), error.toString());
        assertEquals(1, error.toString().lines().count(), error.toString());
    }

    /** The tests run in their module's folder, where the peers are not. */
    private static Map<String, String> environment(String impl) {
        Map<String, String> environment = new HashMap<>(System.getenv());
        if (impl.equals("wireguard-go-newest")) {
            Path peers = Requirements.peer("wireguard").resolve("../..").normalize();
            environment.put("WARREN_PEERS", peers.toString());
        }
        return environment;
    }

    private static void need(String impl) {
        Requirements.tun();
        Requirements.program("unshare", "nsenter", "ip", "wg", "ping", "iperf3");
        if (impl.equals("wireguard-go-newest")) {
            Requirements.peer("wireguard");
        }
    }

    private static StreamRun.Moment moment(long forwarded, long relayed) {
        return new StreamRun.Moment(0, 0, 0, forwarded, new Pair.Counts(relayed, 0, 0));
    }

    private static double value(Result result, String name) {
        return result.figure(name).orElseThrow().value();
    }

    /** Bytes of payload that the relay says it sent to clients. */
    private static double forwarded(LonelyRelay relay) throws IOException {
        String metrics = relay.metrics();
        return metrics.lines()
                .filter(line -> line.startsWith("warren_relay_sent_bytes_total"))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
    }

    private static List<String> interfaces() throws IOException {
        return NetworkInterface.networkInterfaces()
                .map(NetworkInterface::getName)
                .sorted()
                .toList();
    }

    private static List<Path> folders() throws IOException {
        try (Stream<Path> all = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
            return all.filter(path -> path.getFileName()
                            .toString()
                            .startsWith(
                                    "warren-stream-" + ProcessHandle.current().pid() + "-"))
                    .sorted()
                    .toList();
        }
    }
}
