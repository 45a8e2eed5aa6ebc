package dev.warren.loadtest.dist;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.loadtest.sandbox.Shell;
import dev.warren.protocol.testing.Requirements;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The packages' systemd units, as systemd itself judges them. */
@Timeout(60)
class UnitsTest {
    private static final Path UNITS = Path.of("../packaging/systemd");
    private static final Pattern EXPOSURE = Pattern.compile("Overall exposure level for \\S+: ([0-9.]+)");
    private static final double MOST_EXPOSED = 2.0;

    @TempDir
    Path folder;

    @BeforeEach
    void needSystemd() {
        Requirements.program("systemd-analyze");
    }

    @ParameterizedTest
    @ValueSource(strings = {"relay", "stun", "coordinator", "node"})
    void shouldExposeLittle(String name) throws Exception {
        String said = Shell.run(List.of("systemd-analyze", "security", "--offline=true", unit(name)));

        Matcher level = EXPOSURE.matcher(said);
        assertTrue(level.find(), said);
        assertTrue(Double.parseDouble(level.group(1)) <= MOST_EXPOSED, said);
    }

    /** With a program that is there in place of ours, and without the manual pages that only a package brings. */
    @Test
    void shouldBeUnderstoodBySystemd() throws Exception {
        List<String> command = new ArrayList<>(List.of("systemd-analyze", "verify"));
        try (Stream<Path> units = Files.list(UNITS)) {
            for (Path unit : units.toList()) {
                String text = Files.readString(unit)
                        .replace("/usr/bin/warren", "/bin/true")
                        .replaceAll("(?m)^Documentation=.*\n", "");
                command.add(Files.writeString(folder.resolve(unit.getFileName()), text)
                        .toString());
            }
        }

        assertEquals("", Shell.run(command));
    }

    @Test
    void shouldGiveTheNodeOneCapabilityAndTheStunServerNone() throws Exception {
        assertEquals(List.of("CAP_NET_ADMIN"), values("node", "CapabilityBoundingSet"));
        assertEquals(List.of("CAP_NET_ADMIN"), values("node", "AmbientCapabilities"));
        assertEquals(List.of(""), values("stun", "CapabilityBoundingSet"));
        assertEquals(List.of("warren-stun.socket"), values("stun", "Requires"));
    }

    private static List<String> values(String unit, String key) throws IOException {
        return Files.readAllLines(Path.of(unit(unit))).stream()
                .filter(line -> line.startsWith(key + "="))
                .map(line -> line.substring(key.length() + 1))
                .toList();
    }

    private static String unit(String name) {
        return UNITS.resolve("warren-" + name + ".service").toString();
    }
}
