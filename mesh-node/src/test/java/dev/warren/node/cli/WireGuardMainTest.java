package dev.warren.node.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.platform.crypto.CipherPreference;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What can be said without an interface; WireGuardDaemonTest in loadtest has the rest. */
final class WireGuardMainTest {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream error = new ByteArrayOutputStream();

    @ParameterizedTest
    @CsvSource({"verbose, debug", "debug, debug", "error, error", "silent, error", "VERBOSE, error", "'', error"})
    void shouldTakeTheLogLevelsOfWireguardGo(String theirs, String ours) {
        assertEquals(ours, WireGuardMain.logLevel(Map.of("LOG_LEVEL", theirs)));
    }

    @Test
    void shouldLogErrorsOnlyWhenNothingIsSaid() {
        assertEquals("error", WireGuardMain.logLevel(Map.of()));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "-f",
                "wg0 -f",
                "wg0 wg1",
                "-x wg0",
                "-f wg0 wg1",
                "--foreground",
                "-f -f",
                "--cipher jdk",
                "--cipher",
                "--cipher jdk wg0 wg1"
            })
    void shouldExplainACommandLineThatMakesNoSense(String line) {
        List<String> arguments = line.isEmpty() ? List.of() : List.of(line.split(" ", -1));
        assertEquals(2, run(Map.of(), arguments));
        assertEquals(1, error.toString(UTF_8).lines().count());
        assertTrue(error.toString(UTF_8).startsWith("warren-wireguard: give it the name of one interface"));
        assertEquals("", out.toString(UTF_8));
    }

    @ParameterizedTest
    @CsvSource({
        "wg0, '', wg0, AUTO",
        "-f wg0, '', wg0, AUTO",
        "--cipher jdk wg%d, '', wg%d, JDK",
        "-f --cipher=Vector wg0, '', wg0, VECTOR",
        "--cipher=libcrypto --foreground wg0, '', wg0, LIBCRYPTO",
        "wg0, jdk, wg0, JDK",
        "--cipher vector wg0, jdk, wg0, VECTOR"
    })
    void shouldTakeTheCipherFromTheCommandLineOrTheEnvironment(
            String line, String variable, String name, CipherPreference cipher) {
        Map<String, String> environment = variable.isEmpty() ? Map.of() : Map.of("WARREN_WIREGUARD_CIPHER", variable);
        WireGuardArguments parsed = WireGuardArguments.parse(List.of(line.split(" ", -1)), environment);
        assertEquals(name, parsed.interfaceName());
        assertEquals(cipher, parsed.acceleration().cipher());
    }

    @ParameterizedTest
    @CsvSource({"--cipher=rot13 wg0, ''", "wg0, rot13"})
    void shouldSayThatThereIsNoSuchCipher(String line, String variable) {
        Map<String, String> environment = variable.isEmpty() ? Map.of() : Map.of("WARREN_WIREGUARD_CIPHER", variable);
        assertEquals(2, run(environment, List.of(line.split(" ", -1))));
        assertEquals(
                "warren-wireguard: there is no cipher \"rot13\"; use auto, jdk, vector, libcrypto"
                        + " (warren-wireguard --help)\n",
                error.toString(UTF_8));
    }

    @ParameterizedTest
    @ValueSource(strings = {"--help", "-h"})
    void shouldShowHelp(String option) {
        assertEquals(0, run(Map.of(), List.of("wg0", option)));
        assertTrue(out.toString(UTF_8).startsWith("Usage: warren-wireguard [-f|--foreground] [--cipher=NAME] NAME\n"));
    }

    @Test
    void shouldShowTheVersion() {
        assertEquals(0, run(Map.of(), List.of("--version")));
        assertTrue(out.toString(UTF_8).startsWith("warren-wireguard "));
    }

    @Test
    void shouldRefuseADescriptorThatIsNoSocket() {
        assertEquals(1, run(Map.of("WG_UAPI_FD", "0"), List.of("wgnone")));
        assertEquals("warren-wireguard: WG_UAPI_FD=0 is no Unix socket that listens\n", error.toString(UTF_8));
    }

    private int run(Map<String, String> environment, List<String> arguments) {
        return new WireGuardMain(environment, new PrintStream(out, true, UTF_8), new PrintStream(error, true, UTF_8))
                .run(arguments);
    }
}
