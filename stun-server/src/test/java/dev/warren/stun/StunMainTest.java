package dev.warren.stun;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.platform.config.Program;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
final class StunMainTest {
    private static final InetAddress LOOPBACK = InetAddress.ofLiteral("127.0.0.1");

    private final StringWriter out = new StringWriter();
    private final StringWriter error = new StringWriter();

    @Test
    void shouldSayInOneSentenceThatThePortIsTaken() throws IOException {
        try (DatagramSocket other = new DatagramSocket(0, LOOPBACK)) {
            String address = "127.0.0.1:" + other.getLocalPort();
            assertEquals(1, run("--listen", address, "--ops-listen", ":0"));
            assertEquals(
                    "warren stun: " + address
                            + " is already in use: stop the program that listens there,"
                            + " or choose another with --listen\n",
                    error.toString());
        }
    }

    @Test
    void shouldSayInOneSentenceThatAnOptionIsUnknown() {
        assertEquals(2, run("--port", "3478"));
        assertEquals(1, error.toString().lines().count(), error::toString);
        assertTrue(error.toString().startsWith("warren stun: unknown option --port"), error::toString);
    }

    @Test
    void shouldSayInOneSentenceThatAnAddressIsWrong() {
        assertEquals(2, run("--listen", "3478"));
        assertEquals(1, error.toString().lines().count(), error::toString);
        assertTrue(error.toString().contains("\"3478\" has no port; write HOST:PORT"), error::toString);
    }

    @Test
    void shouldSayInOneSentenceThatAnAddressIsSomebodyElses() {
        assertEquals(1, run("--listen", "192.0.2.77:0", "--ops-listen", ":0"));
        assertEquals(
                "warren stun: 192.0.2.77:0 is no address of this machine: give one that is, or :PORT for all,"
                        + " with --listen\n",
                error.toString());
    }

    @Test
    void shouldPrintItsDefaults() {
        assertEquals(0, run("--print-config"));
        assertEquals(
                """
                # Any of these can also be given as a flag or as a variable, such as --listen or WARREN_STUN_LISTEN
                listen: ":3478"    # default
                transport: auto    # default
                ops-listen: 127.0.0.1:9478    # default
                log-format: text    # default
                # log-level: (not set)
                """,
                out.toString());
    }

    /** The real program in a process of its own, from its first line to SIGTERM. */
    @Test
    void shouldPrintWhereItListensAndEndOnSigterm() throws Exception {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "--enable-native-access=ALL-UNNAMED",
                        "--sun-misc-unsafe-memory-access=allow",
                        "-cp",
                        System.getProperty("java.class.path"),
                        StunMain.class.getName(),
                        "--listen",
                        "127.0.0.1:0",
                        "--listen",
                        "[::1]:0",
                        "--ops-listen",
                        ":0")
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        try (BufferedReader lines = process.inputReader()) {
            assertMatches("STUN on udp 127\\.0\\.0\\.1:\\d+ by (epoll|nio)", lines.readLine());
            assertMatches("STUN on udp \\[0:0:0:0:0:0:0:1\\]:\\d+ by (epoll|nio)", lines.readLine());
            assertMatches("metrics on http://127\\.0\\.0\\.1:\\d+/metrics", lines.readLine());
            process.toHandle().destroy();
            assertTrue(process.waitFor(10, TimeUnit.SECONDS));
            assertEquals(143, process.exitValue());
        } finally {
            process.destroyForcibly();
        }
    }

    private static void assertMatches(String pattern, String line) {
        assertTrue(String.valueOf(line).matches(pattern), line);
    }

    private int run(String... arguments) {
        Program program = new Program(Map.of(), new PrintWriter(out, true), new PrintWriter(error, true));
        return program.run(new StunMain(), arguments);
    }
}
