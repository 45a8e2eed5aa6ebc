package dev.warren.loadtest.dist;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.warren.loadtest.dist.PartsList.Coordinates;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
class PartsListTest {
    private static final Instant TIME = Instant.parse("2026-11-22T00:00:00Z");

    @TempDir
    Path folder;

    @Test
    void shouldKnowEachJarByWhereMavenHasItFrom() throws Exception {
        Files.writeString(folder.resolve("netty-epoll-4.2.18.Final-linux-x86_64.jar"), "netty");
        Files.writeString(folder.resolve("warren-loadtest.jar"), "ours");
        String classPath = "/elsewhere/repository/io/netty/netty-epoll/4.2.18.Final/"
                + "netty-epoll-4.2.18.Final-linux-x86_64.jar:/home/me/protocol/target/warren-protocol-1.jar";

        JsonNode list = new ObjectMapper().readTree(PartsList.of("1.2.3", TIME, classPath, folder));

        assertEquals("CycloneDX", list.path("bomFormat").asText());
        assertEquals("1.2.3", list.at("/metadata/component/version").asText());
        assertEquals("2026-11-22T00:00:00Z", list.at("/metadata/timestamp").asText());
        JsonNode netty = list.at("/components/0");
        assertEquals(
                "pkg:maven/io.netty/netty-epoll@4.2.18.Final?type=jar&classifier=linux-x86_64",
                netty.path("purl").asText());
        assertEquals(
                "3589ea89dd790d2450b1b727362207e0f128ba2d868c95f18a3a3eb4999a6ac2",
                netty.at("/hashes/0/content").asText());
        assertEquals(
                "pkg:maven/dev.warren/warren-loadtest@1.2.3?type=jar",
                list.at("/components/1/purl").asText());
        assertEquals("platform", list.at("/components/2/type").asText());
    }

    @Test
    void shouldRefuseAPathThatIsNoRepositorys() {
        assertThrows(IllegalArgumentException.class, () -> Coordinates.ofPath("/lib/a-1.jar"));
    }
}
