package dev.warren.loadtest.fleet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.platform.config.Program;
import dev.warren.platform.config.SecretFile;
import dev.warren.protocol.coordination.JoinToken;
import dev.warren.protocol.coordination.MeshId;
import dev.warren.protocol.derp.DerpMap;
import dev.warren.protocol.derp.DerpMapCodec;
import dev.warren.protocol.derp.DerpNode;
import dev.warren.protocol.testing.Requirements;
import dev.warren.relay.RelayMain;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code terraform/check}, and our programs on what it renders. */
@Timeout(240)
class TerraformTest {
    private static final Path TREE = Path.of("..").toAbsolutePath().normalize();

    @TempDir
    static Path kept = Path.of("");

    private static String said = "";

    @BeforeAll
    static void check() throws Exception {
        Requirements.anyProgram("terraform", "tofu");
        Requirements.peer("terraform-provider-docker");
        Requirements.peer("terraform-provider-hcloud");
        Process process = new ProcessBuilder(TREE.resolve("terraform/check").toString(), "--keep", kept.toString())
                .redirectErrorStream(true)
                .start();
        said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertTrue(process.waitFor(20, TimeUnit.SECONDS));
        assertEquals(0, process.exitValue(), said);
    }

    @Test
    void everyModuleAndEnvironmentIsFormattedValidAndPassesItsTests() throws IOException {
        for (String group : List.of("modules", "environments")) {
            try (var folders = Files.list(TREE.resolve("terraform").resolve(group))) {
                for (Path folder : folders.toList()) {
                    String name = group + "/" + folder.getFileName();
                    assertTrue(said.contains("ok      " + name + ": validity\n"), name + ": " + said);
                    assertTrue(said.matches("(?s).*ok      " + name + ": [0-9]+ tests\n.*"), name + ": " + said);
                }
            }
        }
        assertTrue(said.lines().toList().getLast().matches("[0-9]{2,} passed, 0 failed"), said);
    }

    @Test
    void aFleetsMapIsOneToOurCodec() throws IOException {
        DerpMap map = DerpMapCodec.decode(Files.readString(kept.resolve("derp_map.json")));
        List<DerpNode> nodes = map.regions().firstEntry().getValue().nodes();
        assertEquals("sha256-raw:" + "ab".repeat(32), nodes.getFirst().trust().pin());
        assertEquals(8443, nodes.getFirst().derpPort());
        assertEquals(
                List.of("900a"),
                map.regions().firstEntry().getValue().relays().stream()
                        .map(DerpNode::name)
                        .toList());
        assertEquals(3479, nodes.getLast().stunPort());
    }

    @Test
    void aMachinesSettingsAreThoseOfARelay() throws IOException {
        Path token = kept.resolve("token");
        SecretFile.write(
                token,
                new JoinToken(
                                new MeshId("0".repeat(32)),
                                List.of(URI.create("https://203.0.113.8:8443")),
                                List.of("sha256-raw:" + "ab".repeat(32)),
                                "secret",
                                null)
                        .encode());
        String yaml = Files.readString(kept.resolve("relay-relay.yaml"));
        String where = "/run/credentials/warren-relay.service/coordinator-token";
        assertTrue(yaml.contains(where), yaml);
        Path settings = Files.writeString(kept.resolve("settings.yaml"), yaml.replace(where, token.toString()));
        StringWriter out = new StringWriter();
        StringWriter error = new StringWriter();
        int exitCode = new Program(Map.of(), new PrintWriter(out), new PrintWriter(error))
                .run(new RelayMain(), "--config", settings.toString(), "--print-config");
        assertEquals(0, exitCode, error.toString());
        for (String line : List.of("region: 900", "map-stun-port: 3479", "accept-limit: 5000", "region-code: fra")) {
            assertTrue(out.toString().contains(line), line + " in " + out);
        }
    }
}
