package dev.warren.node.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.platform.config.Program;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What users may get wrong, and servers that do not answer; loadtest's interop tests have servers that do. */
@Timeout(30)
final class NetcheckCommandTest {
    private static final int USAGE = 2;

    @TempDir
    private Path folder = Path.of("");

    private final StringWriter out = new StringWriter();
    private final StringWriter error = new StringWriter();

    private int run(Map<String, String> environment, String... arguments) {
        String[] all = new String[arguments.length + 1];
        all[0] = "netcheck";
        System.arraycopy(arguments, 0, all, 1, arguments.length);
        return new Program(environment, new PrintWriter(out, true), new PrintWriter(error, true))
                .run(new NodeMain(), all);
    }

    private void assertOneSentence(String part) {
        assertTrue(error.toString().contains(part), error::toString);
        assertEquals(1, error.toString().lines().count(), error::toString);
        assertFalse(error.toString().contains("Exception"), error::toString);
        assertEquals("", out.toString());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--relay=900 | has no \"=\" between region and address",
                "--relay=900=host | has no port in \"host\"",
                "--relay=x=host:443 | that is not a number",
                "--relay=900=host:443,pin=abc | has a pin that does not start with sha256-raw:",
                "--stun=host | \"host\" has no port",
                "--stun=:3478 | \":3478\" names no server",
                "--stun=host:0 | \"host:0\" names no server",
                "--stun=::1:3478 | without brackets",
                "--timeout=soon | \"soon\" is no time",
                "--timeout=0s | \"0s\" is not between 100ms and 1m",
                "--timeout=2h | \"2h\" is not between 100ms and 1m",
                "--jsno | unknown option --jsno",
                "somewhere | unexpected argument somewhere"
            })
    void shouldRefuseWhatItCannotRead(String argument, String sentence) {
        assertEquals(USAGE, run(Map.of(), argument));
        assertOneSentence(sentence);
    }

    @Test
    void shouldReadVariablesToo() {
        assertEquals(USAGE, run(Map.of("WARREN_NETCHECK_RELAY", "900=host"), "--stun=127.0.0.1:3478"));
        assertOneSentence("has no port in \"host\"");
    }

    @Test
    void shouldSayWhatToGiveWhereNoAgentRuns() {
        assertEquals(1, run(Map.of(), "--state-dir=" + folder));
        assertOneSentence("no node is running with the state folder " + folder);
        assertOneSentence("or name servers with --relay, --relays or --stun");
    }

    @Test
    void shouldRefuseFilesThatAreNoRelayMap() throws IOException {
        assertEquals(1, run(Map.of(), "--relays=" + folder.resolve("none.json")));
        assertOneSentence("none.json does not exist");
        error.getBuffer().setLength(0);
        assertEquals(1, run(Map.of(), "--relays=" + folder));
        assertOneSentence(folder + " is a folder: give a relay map in JSON");
        error.getBuffer().setLength(0);
        assertEquals(1, run(Map.of(), "--relays=" + Files.writeString(folder.resolve("text.json"), "hello")));
        assertOneSentence("text.json cannot be used: the relay map is not JSON");
        error.getBuffer().setLength(0);
        assertEquals(
                1, run(Map.of(), "--relays=" + Files.write(folder.resolve("binary.json"), new byte[] {-1, -2, 0})));
        assertOneSentence("binary.json is no text in UTF-8: give a relay map in JSON");
        error.getBuffer().setLength(0);
        Path empty = Files.writeString(folder.resolve("empty.json"), "{\"Regions\":{}}");
        assertEquals(1, run(Map.of(), "--relays=" + empty));
        assertOneSentence("names no relay and no STUN server");
        error.getBuffer().setLength(0);
        assertEquals(1, run(Map.of(), "--relays=" + empty, "--relay=900=127.0.0.1:443"));
        assertOneSentence("--relay and --relays cannot be used together");
    }

    @Test
    void shouldReportInTimeWhereNothingAnswers() throws IOException {
        try (DatagramSocket mute = new DatagramSocket(0, InetAddress.ofLiteral("127.0.0.1"))) {
            long startNanos = System.nanoTime();
            assertEquals(1, run(Map.of(), "--stun=127.0.0.1:" + mute.getLocalPort(), "--timeout=500ms"));
            long tookNanos = System.nanoTime() - startNanos;
            assertTrue(tookNanos < 10_000_000_000L, () -> "took " + tookNanos + " ns");
        }
        assertEquals("", error.toString());
        assertTrue(out.toString().contains("UDP             blocked: no STUN server answered\n"), out::toString);
        assertTrue(out.toString().contains("IPv4            no answer\n"), out::toString);
        assertTrue(out.toString().contains("NAT             unknown: no STUN server answered\n"), out::toString);
        assertTrue(out.toString().contains("port mapping    unknown: no default router"), out::toString);
    }

    @Test
    void shouldNameAHostThatIsUnknown() {
        String host = "x".repeat(300); // longer than a name may be, so no DNS server is asked
        assertEquals(1, run(Map.of(), "--stun=" + host + ":3478", "--timeout=2s"));
        assertTrue(out.toString().contains("problem         the host \"" + host + "\" is unknown"), out::toString);
        assertTrue(out.toString().contains("UDP             unknown: no STUN server to ask\n"), out::toString);
        assertEquals("", error.toString());
    }
}
