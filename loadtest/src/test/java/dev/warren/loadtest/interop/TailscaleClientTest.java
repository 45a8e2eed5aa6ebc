package dev.warren.loadtest.interop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.platform.config.SecretFile;
import dev.warren.protocol.derp.DerpMapCodec;
import dev.warren.protocol.key.MeshKey;
import dev.warren.protocol.testing.Requirements;
import dev.warren.relay.RelayConfig;
import dev.warren.relay.RelayServer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Tailscale's own DERP client, in the small Go program of {@code loadtest/peers/derpcheck}, on our relay. */
@Timeout(60)
class TailscaleClientTest {
    private static final List<String> CHECKS =
            List.of("packets", "ping", "not here", "peer gone", "watch", "forward", "close peer", "stranger");

    @TempDir
    Path folder;

    @Test
    void shouldServeTailscalesClientInPlaintext() throws Exception {
        try (RelayServer relay = start(null)) {
            check(CHECKS, "-url", "http://127.0.0.1:" + relay.port() + "/derp");
        }
    }

    @Test
    void shouldServeTailscalesClientThatStartsFastOverTls() throws Exception {
        RelayConfig.Tls tls = new RelayConfig.Tls(folder.resolve("cert.pem"), folder.resolve("key.pem"), true);
        try (RelayServer relay = start(tls)) {
            // The entry that the relay prints for others is all that the client needs.
            String node = DerpMapCodec.encode(relay.mapEntry().nodes().getFirst());
            List<String> all = new ArrayList<>(List.of("fast start"));
            all.addAll(CHECKS);
            check(all, "-node", node);
        }
    }

    private RelayServer start(RelayConfig.@org.jspecify.annotations.Nullable Tls tls) throws Exception {
        Path meshKey = folder.resolve("mesh.key");
        SecretFile.write(meshKey, MeshKey.generate(new SecureRandom()).secretText());
        return RelayServer.start(new RelayConfig(
                        new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0),
                        folder.resolve("relay.key"),
                        tls,
                        new RelayConfig.Place("127.0.0.1", 900),
                        null,
                        null,
                        RelayConfig.Tuning.standard())
                .withMesh(new RelayConfig.Mesh(meshKey, List.of())));
    }

    private void check(List<String> expected, String... where) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                Requirements.peer("derpcheck").toString(),
                "-mesh-key-file",
                folder.resolve("mesh.key").toString()));
        command.addAll(List.of(where));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertTrue(process.waitFor(30, TimeUnit.SECONDS));
        List<String> held = printed.lines()
                .filter(line -> line.startsWith("ok "))
                .map(line -> line.substring("ok ".length()))
                .toList();
        assertEquals(expected, held, printed);
        assertEquals(0, process.exitValue(), printed);
    }
}
