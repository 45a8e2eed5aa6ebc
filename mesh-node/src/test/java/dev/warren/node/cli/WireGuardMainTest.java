package dev.warren.node.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.platform.crypto.CipherPreference;
import dev.warren.platform.linux.Offloads;
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
    @CsvSource({
        "wg0, '', true, true, true, true",
        "--no-tun-tcp wg0, '', false, true, true, true",
        "--no-tun-udp -f wg0, '', true, false, true, true",
        "-f --no-udp-gso wg0, '', true, true, false, true",
        "--no-udp-gro --cipher jdk wg0, '', true, true, true, false",
        "--no-udp-gro --no-udp-gso --no-tun-tcp --no-tun-udp wg0, '', false, false, false, false",
        "wg0, WARREN_WIREGUARD_NO_TUN_TCP=true, false, true, true, true",
        "wg0, WARREN_WIREGUARD_NO_TUN_UDP=TRUE, true, false, true, true",
        "wg0, WARREN_WIREGUARD_NO_UDP_GSO=1, true, true, false, true",
        "--no-tun-tcp wg0, WARREN_WIREGUARD_NO_UDP_GRO=true, false, true, true, false",
        "wg0, WARREN_WIREGUARD_NO_UDP_GSO=false, true, true, true, true"
    })
    void shouldSwitchOffEachOffloadByItself(
            String line, String variable, boolean tunTcp, boolean tunUdp, boolean socketGso, boolean socketGro) {
        assertEquals(
                new Offloads(tunTcp, tunUdp, socketGso, socketGro),
                WireGuardArguments.parse(List.of(line.split(" ", -1)), environment(variable))
                        .acceleration()
                        .offloads());
    }

    @Test
    void shouldRefuseASwitchThatIsNeitherOnNorOff() {
        assertEquals(2, run(Map.of("WARREN_WIREGUARD_NO_UDP_GSO", "off"), List.of("wg0")));
        assertEquals(
                "warren-wireguard: WARREN_WIREGUARD_NO_UDP_GSO=off is neither true nor false; leave it out to keep udp-gso"
                        + " (warren-wireguard --help)\n",
                error.toString(UTF_8));
    }

    /** The variable {@code NAME=VALUE}, or none. */
    private static Map<String, String> environment(String variable) {
        int at = variable.indexOf('=');
        return at < 0 ? Map.of() : Map.of(variable.substring(0, at), variable.substring(at + 1));
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
        assertTrue(out.toString(UTF_8).startsWith("Usage: warren-wireguard [-f|--foreground] [OPTIONS] NAME\n"));
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
