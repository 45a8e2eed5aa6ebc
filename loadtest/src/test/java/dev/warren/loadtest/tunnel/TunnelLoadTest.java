package dev.warren.loadtest.tunnel;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.loadtest.measure.Progress;
import dev.warren.loadtest.measure.Result;
import dev.warren.platform.config.Program;
import dev.warren.protocol.key.NodePrivateKey;
import dev.warren.protocol.testing.Requirements;
import dev.warren.protocol.testing.Seeds;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.NetworkInterface;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The real thing, short: namespaces, daemons, iperf3, ping, handshakes. */
@Timeout(120)
final class TunnelLoadTest {
    private static final List<String> FIGURES = List.of(
            "first ping, with handshake",
            "ping p99",
            "TCP 1 stream",
            "TCP 1 stream reverse",
            "TCP 4 streams",
            "TCP 4 streams reverse",
            "CPU per GB (both daemons)",
            "handshake cold",
            "handshake warm p50");

    @BeforeEach
    void need() {
        Requirements.tun();
        Requirements.program("unshare", "nsenter", "ip", "wg", "ping", "iperf3", "ethtool");
    }

    @ParameterizedTest
    @CsvSource({"warren, on", "wireguard-go, off"})
    void shouldMeasureBothEnds(String implementation, String offloads) throws Exception {
        if (!implementation.equals("warren")) {
            Requirements.program(implementation);
        }
        Result result = run(
                Map.of("impl", implementation, "offloads", offloads, "only", "tcp,ping,handshake", "sessions", "20"));
        assertEquals(implementation, result.subject());
        for (String name : FIGURES) {
            assertTrue(result.figure(name).orElseThrow().value() > 0, name + " in " + result.figures());
        }
        assertEquals(0, result.figure("pings lost").orElseThrow().value());
        assertEquals(19, result.curves().getLast().count(), "all but the first of the 20 handshakes");
    }

    @Test
    void shouldMeasureDatagramsAndMemoryBetweenTwoImplementations() throws Exception {
        Requirements.program("wireguard-go");
        Result result = run(Map.of(
                "impl", "warren", "against", "wireguard-go", "only", "udp,memory", "sessions", "20", "peers", "300"));
        assertEquals("warren to wireguard-go", result.subject());
        double loss =
                result.figure("UDP 1300 B at 150 Mbit/s loss").orElseThrow().value();
        assertTrue(loss >= 0 && loss <= 100, "loss of " + loss + " %");
        for (String name : List.of("UDP 1300 B delivered", "UDP 64 B delivered", "RSS idle", "RSS after load")) {
            assertTrue(result.figure(name).orElseThrow().value() > 0, name + " in " + result.figures());
        }
        for (String name :
                List.of("RSS of 20 peers configured", "RSS of 20 peers in session", "RSS of 300 peers configured")) {
            assertTrue(result.figure(name).isPresent(), name + " in " + result.figures());
        }
        assertTrue(result.figure("TCP 1 stream").isEmpty());
    }

    /** What a flood does is measured on a quiet machine; that it is measured, here. */
    @ParameterizedTest
    @ValueSource(strings = {"11.0.0.0/8", "fd11::/64"})
    void shouldMeasureAFlood(String block) throws Exception {
        Requirements.program("sysctl");
        Result result = run(Map.of("impl", "warren", "only", "flood", "flood", block, "flood-rate", "20000"));
        for (String name : List.of(
                "TCP 1 stream, no flood",
                "flood to a port that nobody reads",
                "TCP 1 stream, flood to a port that nobody reads",
                "flood",
                "TCP 1 stream, flooded",
                "RSS before the flood",
                "RSS under the flood, most",
                "new peer's first answer p50")) {
            assertTrue(result.figure(name).orElseThrow().value() > 0, name + " in " + result.figures());
        }
        double rate = result.figure("flood").orElseThrow().value();
        assertTrue(rate < 21_000, rate + " handshakes a second");
        assertTrue(result.figure("TCP 4 streams").isEmpty());
    }

    @Test
    void shouldGiveUpAHandshakeThatNobodyAnswers() throws Exception {
        try (TestBed bed = TestBed.open(bed());
                NodePrivateKey nobody = NodePrivateKey.generate(Seeds.random(1));
                Initiators initiators =
                        Initiators.open(2, bed.left(), bed.right(), nobody.publicKey(), "x", Seeds.random(2))) {
            assertEquals(2, initiators.publicKeys().size());
            assertEquals(-1, initiators.firstWithin(TimeUnit.MILLISECONDS.toNanos(300)));
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    mute=/bin/false                         | mute did not start: it said nothing
                    rude=/bin/echo no device for {iface}    | rude did not start: no device for wgt1
                    lazy=/usr/bin/tail -f /dev/null {iface} | lazy opened no UAPI socket for the interface wgt1 within 10 s
                    gone                                    | "gone" is no implementation of WireGuard known here
                    """)
    void shouldSayInOneSentenceWhatDoesNotWork(String implementation, String sentence) {
        String said = fails("--impl", implementation, "--only", "ping", "--seconds", "1");
        assertTrue(said.startsWith("warren tunnel: " + sentence), said);
        assertEquals(1, said.lines().count(), said);
    }

    @Test
    void shouldRefuseOptionsThatMakeNoSense() {
        assertTrue(fails("--impl", "warren", "--rounds", "0").contains("rounds must be 1 to 100, not 0"));
        assertTrue(fails("--impl", "warren", "--only", "speed").contains("\"speed\" is nothing that can be measured"));
        assertTrue(fails("--impl", "warren", "--flood", "11.0.0.0/x").contains("no block of addresses"));
        assertTrue(fails("--impl", "warren", "--flood", "10.9.0.0/16").contains("the test bed has its own addresses"));
        assertTrue(fails("--impl", "warren", "--offloads", "maybe").contains("--offloads"));
        assertTrue(fails("--rounds", "1").contains("--impl"));
        assertTrue(fails("--impl", "warren", "--json", "/no/such/folder/x.json").contains("there is no folder"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"KILL", "TERM"})
    void shouldLeaveNothingBehindWhenItIsKilled(String signal) throws Exception {
        List<String> before = interfaces();
        Process tool = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        System.getProperty("java.class.path"),
                        "dev.warren.loadtest.LoadtestMain",
                        "tunnel",
                        "--impl=warren",
                        "--only=tcp",
                        "--seconds=60",
                        "--warm-up=0")
                .redirectErrorStream(true)
                .start();
        List<ProcessHandle> started;
        try (BufferedReader said = tool.inputReader(UTF_8)) {
            String line = said.readLine();
            while (line != null && !line.contains("TCP 1 stream")) {
                line = said.readLine();
            }
            started = tool.descendants().toList();
            assertTrue(started.size() >= 6, "two ends and two daemons, each behind its starter: " + line);
            new ProcessBuilder("kill", "-" + signal, Long.toString(tool.pid()))
                    .start()
                    .waitFor();
            assertTrue(tool.waitFor(20, TimeUnit.SECONDS));
        } finally {
            tool.destroyForcibly();
        }
        for (ProcessHandle one : started) {
            one.onExit().get(20, TimeUnit.SECONDS);
            assertFalse(one.isAlive());
        }
        assertEquals(before, interfaces());
    }

    private static TunnelSettings.Ends bed() {
        Implementation none = new Implementation("none", List.of("none"));
        return new TunnelSettings.Ends(none, none, true, Cores.ANY);
    }

    private static Result run(Map<String, String> settings) throws IOException, InterruptedException {
        Map<String, String> all = new java.util.HashMap<>(Map.of("duration", "1s", "warmup", "0s"));
        all.putAll(settings);
        return TunnelLoad.of(all).run(Progress.silent());
    }

    private static String fails(String... arguments) {
        StringWriter error = new StringWriter();
        int code = new Program(System.getenv(), new PrintWriter(new StringWriter()), new PrintWriter(error, true))
                .run(new TunnelCommand(), arguments);
        assertTrue(code != 0, "it was to fail");
        return error.toString();
    }

    private static List<String> interfaces() throws IOException {
        return NetworkInterface.networkInterfaces()
                .map(NetworkInterface::getName)
                .sorted()
                .toList();
    }
}
