package dev.warren.loadtest.dist;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import dev.warren.loadtest.sandbox.Shell;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The script that makes container images, with a {@code docker} that only notes what it is given. */
@Timeout(30)
class ImageTest {
    private static final String FAKE_DOCKER =
            """
            #!/bin/sh
            [ "$1" = build ] || exit "$(cat "$(dirname "$0")/info")"
            for argument in "$@"; do printf '%s\\n' "$argument"; done >>"$(dirname "$0")/built"
            for last in "$@"; do :; done
            (cd "$last" && find . -type f | sort | sed 's:^:file :') >>"$(dirname "$0")/built"
            """;

    @TempDir
    Path folder;

    private Path archive = Path.of("");

    @BeforeEach
    void makeDistribution() throws Exception {
        Path stage = Files.createDirectories(folder.resolve("warren-1.2.3-linux-x86_64"));
        Files.createDirectories(stage.resolve("app/aot"));
        for (String file :
                List.of("warren", "app/aot/relay.aot", "app/aot/up.aot", "app/stun-25.jsa", "app/status-25.jsa")) {
            Files.writeString(stage.resolve(file), file);
        }
        archive = folder.resolve("a.tar.gz");
        Shell.run(List.of(
                "tar",
                "-C",
                folder.toString(),
                "-czf",
                archive.toString(),
                stage.getFileName().toString()));
        script("docker", FAKE_DOCKER);
        Files.writeString(folder.resolve("info"), "0");
    }

    @Test
    void shouldGiveEachImageItsOwnProgramAndClassArchives() throws Exception {
        Outcome outcome = run(archive.toString(), "relay", "node");

        assertEquals(0, outcome.exitCode(), outcome.said());
        assertEquals("warren-relay:1.2.3\nwarren-node:1.2.3\n", outcome.said());
        String built = Files.readString(folder.resolve("built"));
        String relay = built.substring(0, built.lastIndexOf("\nbuild\n"));
        String node = built.substring(built.lastIndexOf("\nbuild\n"));
        assertTrue(relay.contains("PROGRAM=relay\n") && relay.contains("OPS=127.0.0.1:9443\n"), relay);
        assertTrue(relay.contains("file ./app/aot/relay.aot") && !relay.contains("up.aot"), relay);
        assertTrue(node.contains("PROGRAM=up\n") && node.contains("NAME=node\n"), node);
        assertTrue(node.contains("file ./app/aot/up.aot") && !node.contains("relay.aot"), node);
        assertTrue(node.contains("file ./app/status-25.jsa") && !relay.contains("status"), node);
        assertTrue(node.contains("file ./docker/health"), node);
        assertTrue(node.contains("BASE=some:base\n"), node);
    }

    @Test
    void shouldMakeTheDemosImageWhenItIsAskedFor() throws Exception {
        Outcome outcome = run(archive.toString(), "demo");

        assertEquals(0, outcome.exitCode(), outcome.said());
        assertEquals("warren-demo:1.2.3\n", outcome.said());
        String built = Files.readString(folder.resolve("built"));
        assertTrue(built.contains("docker/Dockerfile.demo\n"), built);
        assertTrue(built.contains("file ./app/aot/up.aot") && built.contains("file ./app/aot/relay.aot"), built);
        assertTrue(built.contains("file ./app/stun-25.jsa"), built);
    }

    @Test
    void shouldSayThatThereIsNoDaemonAndNoSuchImage() throws Exception {
        Outcome unknown = run(archive.toString(), "rely");
        assertEquals(2, unknown.exitCode());
        assertEquals(
                "image: there is no image 'rely'; there are relay, stun, coordinator, node and demo\n", unknown.said());

        Files.writeString(folder.resolve("info"), "1");
        Outcome none = run(archive.toString());
        assertEquals(1, none.exitCode());
        assertTrue(none.said().startsWith("image: no Docker daemon answers here"), none.said());
        assertFalse(Files.exists(folder.resolve("built")));
    }

    /** By the fields of the copyright file, by the common texts that it points to, or by the file. */
    @Test
    void shouldAddDebiansPackagesToTheListOfParts() throws Exception {
        script(
                "dpkg-query",
                """
                #!/bin/sh
                [ "$*" = "-W -f $FORMAT bash libc6 odd gone" ] || { echo "$*" >&2; exit 1; }
                echo "bash 5.2-2+b7 amd64 installed"
                echo "libc6 2.36 amd64 installed"
                echo "odd 1 all installed"
                echo "gone 1 all config-files"
                """
                        .replace("$FORMAT", "\\${Package} \\${Version} \\${Architecture} \\${db:Status-Status}\\n"));
        copyright("bash", "License: GPL-3+ and \"X\"\n text\n\nLicense: ISC\nLicense: ISC\n");
        copyright("libc6", "see `/usr/share/common-licenses/LGPL-2.1',\nor /usr/share/common-licenses/GPL-2.\n");
        Path release = Files.writeString(folder.resolve("os-release"), "VERSION_ID=\"12\"\n");
        Path list = folder.resolve("list.json");
        ObjectMapper json = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);
        Files.writeString(
                list, json.writeValueAsString(Map.of("components", List.of(Map.of("name", "ours")), "version", 1)));
        Map<String, String> places = Map.of("PARTS_DOCS", folder.toString(), "PARTS_OS_RELEASE", release.toString());

        String[] command = {"../packaging/docker/parts", list.toString(), "bash", "libc6", "odd", "gone"};
        JsonNode parts = json.readTree(run(places, command).said()).path("components");
        assertEquals(
                List.of("bash", "libc6", "odd", "ours"),
                parts.findValuesAsText("name").stream()
                        .filter(name -> name.matches("[a-z0-9]+"))
                        .toList());
        assertEquals(
                "pkg:deb/debian/bash@5.2-2%2Bb7?arch=amd64&distro=debian-12",
                parts.at("/0/purl").asText());
        assertEquals(
                List.of("GPL-3+ and X", "ISC"), parts.path(0).path("licenses").findValuesAsText("name"));
        assertEquals(
                List.of("GPL-2", "LGPL-2.1"), parts.path(1).path("licenses").findValuesAsText("name"));
        assertEquals(
                List.of("see " + folder + "/odd/copyright"),
                parts.path(2).path("licenses").findValuesAsText("name"));

        Files.writeString(list, "{\"components\" : [ ]}");
        Outcome refused = run(places, command);
        assertEquals(1, refused.exitCode());
        assertEquals("parts: that is no list of parts that could have more\n", refused.said());
    }

    @Test
    void shouldRunAsNobodyInParticular() throws Exception {
        List<String> lines = Files.readAllLines(Path.of("../packaging/docker/Dockerfile"));

        assertTrue(lines.contains("USER 65532:65532"), lines.toString());
        assertTrue(lines.stream().anyMatch(line -> line.startsWith("HEALTHCHECK ")), lines.toString());
    }

    private record Outcome(int exitCode, String said) {}

    private void copyright(String name, String text) throws IOException {
        Files.writeString(Files.createDirectories(folder.resolve(name)).resolve("copyright"), text);
    }

    private void script(String name, String text) throws IOException {
        Path script = Files.writeString(folder.resolve(name), text);
        assertTrue(script.toFile().setExecutable(true));
    }

    private Outcome run(String... arguments) throws IOException, InterruptedException {
        return run(
                Map.of("BASE", "some:base"),
                Stream.concat(Stream.of("../packaging/image"), Stream.of(arguments))
                        .toArray(String[]::new));
    }

    private Outcome run(Map<String, String> environment, String... command) throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().merge("PATH", folder.toString(), (path, own) -> own + ":" + path);
        builder.environment().putAll(environment);
        Process process = builder.start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Outcome(process.waitFor(), said);
    }
}
