package dev.warren.stun;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.platform.config.Program;
import dev.warren.platform.config.SecretFile;
import dev.warren.protocol.stun.BindingRequest;
import dev.warren.protocol.stun.TransactionId;
import dev.warren.protocol.testing.Requirements;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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
    void shouldSayInOneSentenceWhatIsMissingForTls() {
        assertEquals(1, run("--listen", "127.0.0.1:0", "--ops-listen", ":0", "--tls-listen", "127.0.0.1:0"));
        assertEquals(
                "warren stun: --tls-listen needs a certificate: give --tls-cert and --tls-key\n", error.toString());
        assertEquals(1, run("--tls-cert", "cert.pem"));
        assertTrue(error.toString().contains("--tls-cert and --tls-key belong together: give both\n"));
        assertEquals(1, run("--tls-cert", "cert.pem", "--tls-key", "key.pem"));
        assertTrue(error.toString().contains("--tls-cert and --tls-key say nothing without --tls-listen\n"));
    }

    @Test
    void shouldPrintItsDefaults() {
        assertEquals(0, run("--print-config"));
        assertEquals(
                """
                # Any of these can also be given as a flag or as a variable, such as --listen or WARREN_STUN_LISTEN
                listen: ":3478"    # default
                transport: auto    # default
                threads: 0    # default
                # alternate: (not set)
                no-classic: false    # default
                # users: (not set)
                # realm: (not set)
                prefix-rate: 0    # default
                prefix-burst: 0    # default
                ops-listen: 127.0.0.1:9478    # default
                # tcp-listen: (not set)
                # tls-listen: (not set)
                # tls-cert: (not set)
                # tls-key: (not set)
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
                        "--tcp-listen",
                        "127.0.0.1:0",
                        "--ops-listen",
                        ":0")
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        try (BufferedReader lines = process.inputReader()) {
            assertMatches("STUN on udp 127\\.0\\.0\\.1:\\d+ by (batched|nio)", lines.readLine());
            assertMatches("STUN on udp \\[0:0:0:0:0:0:0:1\\]:\\d+ by (batched|nio)", lines.readLine());
            assertMatches("STUN on tcp 127\\.0\\.0\\.1:\\d+", lines.readLine());
            assertMatches("metrics on http://127\\.0\\.0\\.1:\\d+/metrics", lines.readLine());
            process.toHandle().destroy();
            assertTrue(process.waitFor(10, TimeUnit.SECONDS));
            assertEquals(143, process.exitValue());
        } finally {
            process.destroyForcibly();
        }
    }

    /** systemd's own program for trying a socket unit. */
    @Test
    void shouldServeTheSocketsThatSystemdHasBound() throws Exception {
        int port;
        try (DatagramSocket free = new DatagramSocket(0, LOOPBACK)) {
            port = free.getLocalPort();
        }
        Path activate = Requirements.program("systemd-socket-activate");
        Process process = new ProcessBuilder(
                        activate.toString(),
                        "--datagram",
                        "--listen=127.0.0.1:" + port,
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "--enable-native-access=ALL-UNNAMED",
                        "--sun-misc-unsafe-memory-access=allow",
                        "-cp",
                        System.getProperty("java.class.path"),
                        StunMain.class.getName(),
                        "--ops-listen",
                        ":0")
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        try (BufferedReader lines = process.inputReader();
                DatagramSocket client = new DatagramSocket(0, LOOPBACK)) {
            byte[] request = BindingRequest.plain(new TransactionId(1, 2));
            DatagramPacket packet = new DatagramPacket(request, request.length, new InetSocketAddress(LOOPBACK, port));
            client.setSoTimeout(500);
            DatagramPacket answer = new DatagramPacket(new byte[100], 100);
            // The first one starts the server, once systemd's program listens.
            for (int attempt = 0; answer.getLength() != 32 && attempt < 40; attempt++) {
                client.send(packet);
                try {
                    client.receive(answer);
                } catch (SocketTimeoutException notYet) {
                    // Again.
                }
            }
            assertEquals(32, answer.getLength());
            assertEquals("STUN on udp 127.0.0.1:" + port + " by batched", lines.readLine());
        } finally {
            process.destroy();
            assertTrue(process.waitFor(10, TimeUnit.SECONDS));
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "wren|line 1 of FILE is not NAME:PASSWORD (--users)",
                ":twig|line 1 of FILE is not NAME:PASSWORD (--users)",
                "# nobody|FILE names nobody: write lines NAME:PASSWORD into it (--users)",
                "wren:a wren:b|line 2 of FILE names \"wren\" a second time (--users)",
            })
    void shouldSayWhatIsWrongWithTheUsers(String lines, String sentence, @TempDir Path folder) throws IOException {
        Path file = folder.resolve("users");
        SecretFile.write(file, lines.startsWith("#") ? lines : lines.replace(' ', '\n'));
        assertEquals(1, run("--users", file.toString(), "--listen", "127.0.0.1:0", "--ops-listen", ":0"));
        assertEquals("warren stun: " + sentence.replace("FILE", file.toString()) + "\n", error.toString());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--realm warren|--realm says nothing without --users",
                "--users /nowhere/users|there is no file /nowhere/users: write lines NAME:PASSWORD into it (--users)",
                "--prefix-burst 3|--prefix-burst says nothing without --prefix-rate",
                "--prefix-rate 2000000|--prefix-rate and --prefix-burst: rate and burst must be within 1 to 1000000",
                "--threads 1000|--threads 1000 is outside 0 to 256",
                "--listen 127.0.0.1:0 --alternate 127.0.0.2:1|--alternate goes with exactly one --listen",
            })
    void shouldSayWhatDoesNotGoTogether(String options, String sentence) {
        List<String> all = new ArrayList<>(List.of(options.split(" ")));
        all.addAll(List.of("--listen", "127.0.0.1:0", "--ops-listen", ":0"));
        assertEquals(1, run(all.toArray(new String[0])));
        assertEquals("warren stun: " + sentence + "\n", error.toString());
    }

    private static void assertMatches(String pattern, String line) {
        assertTrue(String.valueOf(line).matches(pattern), line);
    }

    private int run(String... arguments) {
        Program program = new Program(Map.of(), new PrintWriter(out, true), new PrintWriter(error, true));
        return program.run(new StunMain(), arguments);
    }
}
