package dev.warren.loadtest.dist;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
class PartsListTest {
    private static final Instant TIME = Instant.parse("2026-11-22T00:00:00Z");
    private static final String APACHE =
            "<license><name>The Apache Software License, Version 2.0</name><url>LICENSE.txt</url></license>";
    private static final String OWN_WORDS =
            "<license><name>House rules</name><url>https://example.com/rules.html</url></license>";

    @TempDir
    Path folder;

    private Path shipped = Path.of("");
    private Path pom = Path.of("");

    @BeforeEach
    void makeTree() throws IOException {
        shipped = Files.createDirectory(folder.resolve("shipped"));
        pom = pom(
                folder.resolve("pom.xml"), "dev.warren", "warren", "1.2.3", "", "<license><name>MIT</name></license>");
    }

    @Test
    void shouldKnowEachJarByThePomBesideIt() throws Exception {
        String netty = jar("io/netty", "netty-epoll", "4.2.18.Final", "-linux-x86_64", "", APACHE + OWN_WORDS);
        Files.writeString(shipped.resolve("warren-loadtest.jar"), "ours");

        JsonNode list = list(netty + ":" + folder + "/protocol/target/warren-protocol-1.jar");

        assertEquals("CycloneDX", list.path("bomFormat").asText());
        assertEquals("1.2.3", list.at("/metadata/component/version").asText());
        assertEquals("MIT", list.at("/metadata/component/licenses/0/license/id").asText());
        assertEquals("2026-11-22T00:00:00Z", list.at("/metadata/timestamp").asText());
        JsonNode part = list.at("/components/0");
        assertEquals(
                "pkg:maven/io.netty/netty-epoll@4.2.18.Final?type=jar&classifier=linux-x86_64",
                part.path("purl").asText());
        assertEquals(
                "3589ea89dd790d2450b1b727362207e0f128ba2d868c95f18a3a3eb4999a6ac2",
                part.at("/hashes/0/content").asText());
        assertEquals(
                "[{\"license\":{\"id\":\"Apache-2.0\"}},"
                        + "{\"license\":{\"name\":\"House rules\",\"url\":\"https://example.com/rules.html\"}}]",
                part.path("licenses").toString());
        JsonNode ours = list.at("/components/1");
        assertEquals(
                "pkg:maven/dev.warren/warren-loadtest@1.2.3?type=jar",
                ours.path("purl").asText());
        assertEquals("MIT", ours.at("/licenses/0/license/id").asText());
        assertEquals("platform", list.at("/components/2/type").asText());
        assertEquals(1, list.at("/components/2/licenses").size());
    }

    @Test
    void shouldTakeGroupAndLicenceOfTheNearestParentThatHasThem() throws Exception {
        String repository = folder + "/repository/org/example/";
        pom(Path.of(repository, "top/1/top-1.pom"), "org.example", "top", "1", "", APACHE);
        pom(Path.of(repository, "mid/2/mid-2.pom"), "", "mid", "2", parent("org.example", "top", "1"), "");
        String above = parent("org.example", "mid", "2");
        String jar = jar("org/example", "leaf", "3", "", above, "");
        pom(Path.of(jar).resolveSibling("leaf-3.pom"), "", "leaf", "3", above, "");

        JsonNode list = list(jar);

        assertEquals("org.example", list.at("/components/0/group").asText());
        assertEquals("3", list.at("/components/0/version").asText());
        assertEquals(
                "Apache-2.0", list.at("/components/0/licenses/0/license/id").asText());
    }

    @Test
    void shouldRefuseAPartOfWhichNobodySaysWhatItIs() throws Exception {
        String unlicensed = jar("org/example", "bare", "1", "", "", "");
        IllegalArgumentException refused = assertThrows(IllegalArgumentException.class, () -> list(unlicensed));
        assertEquals("neither the pom of bare-1.jar nor one above it names a licence", refused.getMessage());

        refused = assertThrows(IllegalArgumentException.class, () -> list(folder + "/lib/a-1.jar"));
        assertEquals("nobody knows where bare-1.jar is from: there is no pom beside it", refused.getMessage());
    }

    private JsonNode list(String classPath) throws IOException {
        return new ObjectMapper().readTree(PartsList.of("1.2.3", TIME, pom, classPath, shipped));
    }

    /** A jar in a local repository, with its pom, that is shipped too; gives its path there. */
    private String jar(String group, String artifact, String version, String classifier, String parent, String licences)
            throws IOException {
        Path place =
                folder.resolve("repository").resolve(group).resolve(artifact).resolve(version);
        pom(
                place.resolve(artifact + "-" + version + ".pom"),
                group.replace('/', '.'),
                artifact,
                version,
                parent,
                licences);
        String file = artifact + "-" + version + classifier + ".jar";
        Files.writeString(shipped.resolve(file), "netty");
        return place.resolve(file).toString();
    }

    private static Path pom(Path to, String group, String artifact, String version, String parent, String licences)
            throws IOException {
        Files.createDirectories(to.resolveSibling("."));
        return Files.writeString(
                to,
                "<project><modelVersion>4.0.0</modelVersion>" + parent + tag("groupId", group)
                        + tag("artifactId", artifact) + tag("version", version) + tag("licenses", licences)
                        + "</project>");
    }

    private static String parent(String group, String artifact, String version) {
        return tag("parent", tag("groupId", group) + tag("artifactId", artifact) + tag("version", version));
    }

    private static String tag(String name, String content) {
        return content.isEmpty() ? "" : "<" + name + ">" + content + "</" + name + ">";
    }
}
