package dev.warren.loadtest.tunnel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.platform.config.UserError;
import dev.warren.protocol.wireguard.IpPrefix;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(30)
final class TunnelSettingsTest {
    @TempDir
    Path folder;

    private Map<String, String> environment = Map.of();

    @BeforeEach
    void programs() throws Exception {
        Path bin = Files.createDirectories(folder.resolve("peers").resolve("bin"));
        for (Path program :
                List.of(bin.resolve("wireguard"), folder.resolve("wireguard-go"), folder.resolve("warren"))) {
            Files.writeString(program, "#!/bin/sh\n");
            Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
        }
        environment = Map.of(
                "PATH",
                folder.toString(),
                "WARREN_PEERS",
                folder.resolve("peers").toString());
    }

    private TunnelSettings parse(String... pairs) {
        Map<String, String> map = new HashMap<>();
        for (String pair : pairs) {
            map.put(pair.substring(0, pair.indexOf(':')), pair.substring(pair.indexOf(':') + 1));
        }
        return TunnelSettings.parse(map, environment);
    }

    @Test
    void shouldHaveUsualValues() {
        TunnelSettings usual = parse("impl:wireguard-go");
        assertEquals("wireguard-go", usual.ends().subject());
        assertEquals(usual.ends().near(), usual.ends().far());
        assertTrue(usual.ends().offloads());
        assertEquals(5, usual.seconds());
        assertEquals(2, usual.warmUpSeconds());
        assertEquals(new TunnelSettings.Passes(1, 0), usual.passes());
        assertEquals(Part.usual(), usual.only());
        assertEquals("any", usual.ends().cores().toString());
        assertEquals(TunnelSettings.Crowd.USUAL, usual.crowd());
    }

    @Test
    void shouldReadEverything() {
        TunnelSettings all = parse(
                "impl:wireguard-go",
                "against:wireguard-go-newest",
                "offloads:off",
                "duration:3s",
                "warmup:0",
                "only:tcp, PING",
                "rounds:4",
                "retries:3",
                "cores:0:1-2",
                "sessions:20",
                "peers:30",
                "flood:fd11::/32",
                "flood-rate:58400");
        assertEquals("wireguard-go to wireguard-go-newest", all.ends().subject());
        assertFalse(all.ends().offloads());
        assertEquals(3, all.seconds());
        assertEquals(0, all.warmUpSeconds());
        assertEquals(EnumSet.of(Part.TCP, Part.PING), all.only());
        assertEquals(new TunnelSettings.Passes(4, 3), all.passes());
        assertEquals(new Cores("0", "1-2"), all.ends().cores());
        assertEquals(new TunnelSettings.Crowd(20, 30), all.crowd());
        assertEquals(new TunnelSettings.Flood(IpPrefix.parse("fd11::/32"), 58_400), all.flood());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    offloads:both | offloads must be on or off, not "both"
                    duration:1m   | duration must be whole seconds such as 5s, not "1m"
                    duration:0    | duration must be 1 to 3600, not 0
                    rounds:0      | rounds must be 1 to 100, not 0
                    rounds:two    | rounds must be a number, not "two"
                    only:tcp,tls  | "tls" is nothing that can be measured of a tunnel
                    cores:0       | "0" does not say which cores each end keeps to
                    cores:a:b     | "a:b" does not say which cores each end keeps to
                    sessions:1    | sessions must be 2 to 100000
                    flood:all     | "all" is no block of addresses such as 11.0.0.0/8
                    flood:::/0    | the flood can't come from ::/0
                    flood-rate:1k | flood-rate must be a number, not "1k"
                    flood-rate:10000001 | flood-rate must be 0 to 10000000, not 10000001
                    speed:9       | a tunnel has no setting "speed"
                    against:gone  | "gone" is no implementation of WireGuard known here
                    """)
    void shouldSayWhatIsWrong(String setting, String sentence) {
        String said = refused("impl:wireguard-go", setting);
        assertTrue(said.startsWith(sentence), said);
    }

    @Test
    void shouldNeedAnImplementation() {
        assertTrue(refused("duration:1").contains("needs the setting \"impl\""));
    }

    @Test
    void shouldKnowImplementationsByNamePathAndCommand() {
        Implementation debian = parse("impl:wireguard-go").ends().near();
        assertEquals(List.of("wireguard-go", "-f", "wg7"), debian.on("wg7"));
        Implementation newest = parse("impl:wireguard-go-newest").ends().near();
        assertEquals(List.of(folder.resolve("peers/bin/wireguard").toString(), "-f", "wg7"), newest.on("wg7"));
        Implementation path =
                parse("impl:" + folder.resolve("wireguard-go")).ends().near();
        assertEquals("wireguard-go", path.name());
        Implementation command = parse("impl:mine=" + folder.resolve("warren") + " --on {iface} -v")
                .ends()
                .near();
        assertEquals("mine", command.name());
        assertEquals(List.of(folder.resolve("warren").toString(), "--on", "wg7", "-v"), command.on("wg7"));
    }

    @Test
    void shouldStartOurOwnByTheLauncherOrByThisJvm() {
        List<String> plain = parse("impl:warren").ends().near().on("wg7");
        assertTrue(plain.getFirst().endsWith("/bin/java"), plain.toString());
        assertEquals(List.of("wireguard", "-f", "wg7"), plain.subList(plain.size() - 3, plain.size()));
        String launcher = folder.resolve("warren").toString();
        environment = Map.of("WARREN_LAUNCHER", launcher);
        assertEquals(
                List.of(launcher, "wireguard", "-f", "wg7"),
                parse("impl:warren").ends().near().on("wg7"));
    }

    @Test
    void shouldSayHowToGetAProgramThatIsMissing() {
        assertTrue(refused("impl:/no/such/wireguard").contains("/no/such/wireguard for \"wireguard\" is not there"));
        assertTrue(refused("impl:" + folder + "/").contains("is not there or cannot be executed"));
        environment = Map.of("WARREN_PEERS", folder.toString());
        assertTrue(refused("impl:wireguard-go-newest").contains("loadtest/peers/install brings"));
        assertTrue(refused("impl:=x").contains("is no implementation"));
        assertTrue(refused("impl:x=").contains("lacks a name or a command"));
        UserError missing = assertThrows(UserError.class, () -> Implementation.require(environment, "no-such-program"));
        assertEquals(
                "the program \"no-such-program\" is missing: loadtest/peers/install brings it", missing.getMessage());
    }

    private String refused(String... pairs) {
        UserError refused = assertThrows(UserError.class, () -> parse(pairs));
        return String.valueOf(refused.getMessage());
    }
}
