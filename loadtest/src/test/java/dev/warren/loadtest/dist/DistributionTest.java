package dev.warren.loadtest.dist;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.warren.loadtest.sandbox.Shell;
import dev.warren.protocol.testing.Requirements;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What {@code ./warren dist} makes. */
@Timeout(300)
class DistributionTest {
    private static final int ONLY_IN_THE_TREE = 2;

    @TempDir
    static Path folder;

    private static Path unpacked = Path.of("");

    @BeforeAll
    static void make() throws Exception {
        Requirements.program("dpkg-deb");
        Path elsewhere = Files.createDirectories(folder.resolve("some other place"));
        Shell.run(List.of("tar", "-xzf", Distribution.sharedArchive().toString(), "-C", elsewhere.toString()));
        try (Stream<Path> there = Files.list(elsewhere)) {
            unpacked = there.findFirst().orElseThrow();
        }
    }

    @Test
    void shouldBeTheSameBytesTwice() throws Exception {
        Path again = folder.resolve("again");
        Distribution.make(again);

        List<Path> files = Distribution.files(Distribution.shared());
        assertEquals(7, files.size(), files.toString());
        for (Path file : files) {
            assertEquals(-1, Files.mismatch(file, again.resolve(file.getFileName())), file.toString());
        }
    }

    @Test
    void shouldRunFromAnyFolderWithoutAJdk() throws Exception {
        Outcome key = run("keys", "generate");
        assertEquals(0, key.exitCode(), key.said());
        assertEquals(44, key.said().strip().length(), key.said());
        assertTrue(run("relay", "--help").said().contains("Runs a DERP relay"));
        assertTrue(run("coordinator", "--help").said().contains("--data-dir"));
        assertTrue(program("warren-wireguard", "--version").said().startsWith("warren-wireguard "));
    }

    @Test
    void shouldServe() throws Exception {
        Process stun = start("warren", "stun", "--listen", "127.0.0.1:0", "--ops-listen", "127.0.0.1:0");
        try (BufferedReader said = stun.inputReader(StandardCharsets.UTF_8)) {
            assertTrue(said.readLine().startsWith("STUN on udp 127.0.0.1:"));
        } finally {
            stun.destroy();
        }
        assertTrue(stun.waitFor(20, TimeUnit.SECONDS));
    }

    @Test
    void shouldSayWhatNeedsTheSourceTree() throws Exception {
        Outcome refused = run("test");

        assertEquals(ONLY_IN_THE_TREE, refused.exitCode());
        assertEquals("warren: 'warren test' needs the source tree; this is a distribution.\n", refused.said());
    }

    @Test
    void shouldShipServicesThatDpkgCanInstall() throws Exception {
        Path deb = deb("warren-relay");

        String contents = Shell.run(List.of("dpkg-deb", "--contents", deb.toString()));
        for (String file : List.of(
                "./lib/systemd/system/warren-relay.service",
                "./usr/lib/sysusers.d/warren-relay.conf",
                "./etc/warren/relay.yaml",
                "./usr/share/man/man8/warren-relay.8.gz")) {
            assertTrue(contents.contains(file + "\n"), contents + " lacks " + file);
        }
        assertTrue(contents.lines().allMatch(line -> line.contains(" root/root ")), contents);
        assertEquals("/etc/warren/relay.yaml\n", Shell.run(List.of("dpkg-deb", "--info", deb.toString(), "conffiles")));
        String sums = Shell.run(List.of("dpkg-deb", "--info", deb.toString(), "md5sums"));
        assertTrue(sums.lines().allMatch(line -> line.matches("[0-9a-f]{32}  (lib|usr)/.*")), sums);
        assertEquals(
                contents.lines().filter(line -> line.startsWith("-")).count() - 1,
                sums.lines().count(),
                "all files but the settings, for dpkg --verify: " + sums);
    }

    @Test
    void shouldBringItsManualCompletionPartsAndLicences() throws Exception {
        for (String file : List.of(
                "share/man/man1/warren-up.1",
                "share/man/man8/warren-relay.8",
                "share/bash-completion/completions/warren",
                "LICENSE",
                "runtime/legal/java.base/LICENSE",
                "docs/OPERATIONS.md",
                "monitoring/prometheus/alerts.yml",
                "monitoring/grafana/fleet.json",
                "warren.cdx.json")) {
            assertTrue(Files.size(unpacked.resolve(file)) > 0, file);
        }
        String contents =
                Shell.run(List.of("dpkg-deb", "--contents", deb("warren-common").toString()));
        for (String file : List.of(
                "./usr/bin/warren -> ../lib/warren/warren",
                "./usr/bin/warren-wireguard -> ../lib/warren/warren-wireguard",
                "./usr/share/bash-completion/completions/warren",
                "./usr/share/man/man1/warren.1.gz",
                "./usr/share/man/man1/warren-up.1.gz",
                "./usr/share/doc/warren-common/copyright",
                "./usr/share/warren/monitoring/prometheus/alerts.yml",
                "./usr/lib/warren/warren.cdx.json")) {
            assertTrue(contents.contains(" " + file + "\n"), contents + " lacks " + file);
        }
    }

    /** As Debian wants them: the licence by reference, what changed with the time of the sources. */
    @Test
    void shouldHaveACopyrightAndAChangelogInEachPackage() throws Exception {
        for (String name : List.of("common", "relay", "stun", "coordinator", "node")) {
            String docs = Files.createDirectories(folder.resolve("deb-" + name)).toString();
            Shell.run(List.of("dpkg-deb", "-x", deb("warren-" + name).toString(), docs));
            docs = docs + "/usr/share/doc/warren-" + name;

            String copyright = Files.readString(Path.of(docs, "copyright"));
            assertTrue(
                    copyright.matches("(?s)Warren: .*\nCopyright 2026 the authors of Warren\n.*Apache-2\\.0, .*"),
                    copyright);
            assertTrue(copyright.contains("/usr/share/common-licenses/Apache-2.0"), copyright);
            assertEquals(name.equals("common"), copyright.contains("\n/usr/lib/warren/app/lib/*\n"), copyright);
            assertEquals(name.equals("common"), copyright.contains("\n/usr/lib/warren/runtime/*\n"), copyright);

            List<String> changes = Shell.run(List.of("gzip", "-dc", docs + "/changelog.gz"))
                    .lines()
                    .toList();
            assertTrue(changes.getFirst().matches("warren \\([0-9.]+\\) unstable; urgency=medium"), changes.toString());
            assertTrue(
                    changes.getLast().matches(" -- Warren <.*>  Sun, 22 Nov 2026 00:00:00 \\+0000"),
                    changes.toString());
            assertTrue(changes.stream().allMatch(line -> line.length() <= 80), changes.toString());
            assertTrue(
                    changes.contains("  * `warren stun`: STUN server (RFC 8489, Tailscale's form, classic RFC 3489"),
                    changes.toString());
            assertTrue(changes.contains("    requests)."), changes.toString());
        }
    }

    @Test
    void shouldListEachPartWithItsLicence() throws Exception {
        JsonNode list = new ObjectMapper().readTree(Files.readString(unpacked.resolve("warren.cdx.json")));

        Map<String, String> licences = new TreeMap<>();
        for (JsonNode part : list.path("components")) {
            String of = Stream.of("/license/id", "/license/name", "/expression")
                    .flatMap(at -> StreamSupport.stream(part.path("licenses").spliterator(), false)
                            .map(licence -> licence.at(at).asText()))
                    .filter(name -> !name.isBlank())
                    .sorted()
                    .collect(Collectors.joining(" or "));
            assertTrue(!of.isEmpty(), part.toString());
            licences.merge(
                    part.path("name").asText(), of, (one, other) -> one.equals(other) ? one : one + "; " + other);
        }
        assertEquals(
                "Apache-2.0",
                list.at("/metadata/component/licenses/0/license/id").asText());
        // Of its own pom, of its parent's, of one that names none of SPDX's, of several, of ours; the runtime's.
        assertEquals("Apache-2.0", licences.get("picocli"));
        assertEquals("Apache-2.0", licences.get("netty-common"));
        assertEquals("Apache-2.0", licences.get("acme4j-client"));
        assertEquals("MIT", licences.get("slf4j-api"));
        assertEquals("Bouncy Castle Licence", licences.get("bcprov-jdk18on"));
        assertEquals("Apache-2.0 or EPL-2.0", licences.get("vertx-core"));
        assertEquals("Apache-2.0", licences.get("warren-relay-server"));
        assertTrue(licences.containsValue("GPL-2.0-only WITH Classpath-exception-2.0"), licences.toString());
    }

    private record Outcome(int exitCode, String said) {}

    private static Outcome run(String... arguments) throws IOException, InterruptedException {
        return program("warren", arguments);
    }

    private static Outcome program(String program, String... arguments) throws IOException, InterruptedException {
        Process process = start(program, arguments);
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Outcome(process.waitFor(), said);
    }

    private static Process start(String program, String... arguments) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(
                        Stream.concat(Stream.of(unpacked.resolve(program).toString()), Stream.of(arguments))
                                .toList())
                .directory(Path.of("/").toFile())
                .redirectErrorStream(true)
                .redirectInput(Path.of("/dev/null").toFile());
        builder.environment().clear();
        builder.environment().put("PATH", "/usr/bin:/bin");
        return builder.start();
    }

    private static Path deb(String name) throws IOException, InterruptedException {
        return Distribution.files(Distribution.shared()).stream()
                .filter(file -> file.getFileName().toString().startsWith(name + "_"))
                .findFirst()
                .orElseThrow();
    }
}
