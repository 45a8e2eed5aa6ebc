package dev.warren.loadtest.images;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.Instant;
import java.util.List;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What an operator's tools read of an image before it runs. */
@Timeout(240)
class ImageMetadataTest {
    private static final String LABEL = "org.opencontainers.image.";
    private static final int FEW_PARTS = 40;

    private final ObjectMapper json = new ObjectMapper();

    @ParameterizedTest
    @ValueSource(strings = {"relay", "stun", "coordinator", "node"})
    void saysWhatItIsAndOfWhatItIsMade(String program) throws Exception {
        Daemon daemon = Daemon.shared();
        String image = daemon.image(program);
        String version = image.substring(image.indexOf(':') + 1);

        JsonNode config =
                json.readTree(daemon.docker("image", "inspect", image)).path(0).path("Config");
        assertEquals("65532:65532", config.path("User").asText());
        assertEquals(
                "[\"CMD\",\"/opt/warren/docker/health\"]",
                config.path("Healthcheck").path("Test").toString());
        assertTrue(config.path("Volumes").has("/var/lib/warren"), config.toString());
        JsonNode labels = config.path("Labels");
        assertEquals("warren-" + program, labels.path(LABEL + "title").asText());
        assertEquals(version, labels.path(LABEL + "version").asText());
        assertEquals("Apache-2.0", labels.path(LABEL + "licenses").asText());
        assertTrue(labels.path(LABEL + "description").asText().startsWith("Warren"), labels.toString());
        assertTrue(
                Instant.parse(labels.path(LABEL + "created").asText()).isAfter(Instant.EPOCH),
                "the time of its sources");

        JsonNode parts = json.readTree(daemon.docker(
                "run", "--rm", "--network=none", "--entrypoint=/bin/cat", image, "/opt/warren/warren.cdx.json"));
        assertEquals("CycloneDX", parts.path("bomFormat").asText());
        assertEquals(version, parts.at("/metadata/component/version").asText());
        assertTrue(parts.path("components").size() > FEW_PARTS, parts.toString());
        assertEachHasItsLicence(parts.path("components"));
        assertEquals(
                List.of(
                        "base-files",
                        "bash",
                        "coreutils",
                        "grep",
                        "libacl1",
                        "libattr1",
                        "libc6",
                        "libgmp10",
                        "libpcre2-8-0",
                        "libselinux1",
                        "libssl3",
                        "libtinfo6"),
                debian(parts.path("components")));
    }

    /** Those of Debian that a list of parts names. */
    static List<String> debian(JsonNode parts) {
        return StreamSupport.stream(parts.spliterator(), false)
                .filter(part -> part.path("purl").asText().startsWith("pkg:deb/debian/"))
                .map(part -> part.path("name").asText())
                .sorted()
                .toList();
    }

    static void assertEachHasItsLicence(JsonNode parts) {
        for (JsonNode part : parts) {
            String licences = part.path("licenses").toString();
            assertTrue(licences.matches(".*\"(id|name|expression)\":\"[^\"]+\".*"), part.toString());
            // Each package that Debian makes says what it is, here at least by a common text.
            assertFalse(licences.contains("\"see "), part.toString());
        }
    }
}
