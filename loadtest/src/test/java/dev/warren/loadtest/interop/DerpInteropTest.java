package dev.warren.loadtest.interop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.platform.net.DerpClient;
import dev.warren.platform.net.Transport;
import dev.warren.platform.tls.SelfSignedCertificate;
import dev.warren.platform.tls.ServerCredentials;
import dev.warren.protocol.derp.DerpMap;
import dev.warren.protocol.derp.DerpMapCodec;
import dev.warren.protocol.derp.DerpNode;
import dev.warren.protocol.derp.DerpRegion;
import dev.warren.protocol.key.NodePrivateKey;
import dev.warren.protocol.testing.FreePort;
import dev.warren.protocol.testing.Hex;
import dev.warren.protocol.testing.Requirements;
import dev.warren.relay.RelayConfig;
import dev.warren.relay.RelayServer;
import dev.warren.stun.StunConfig;
import dev.warren.stun.StunServer;
import dev.warren.stun.StunTransport;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Our relay probed by Tailscale's derpprobe; our client on a stock derper. */
@Timeout(60)
class DerpInteropTest {
    private static final int REGION = 900;
    private static final String HOST = "localhost";

    @TempDir
    Path folder;

    @Test
    void shouldSatisfyDerpprobe() throws Exception {
        Path derpprobe = Requirements.peer("derpprobe");
        Path certificate = folder.resolve("cert.pem");
        InetSocketAddress anyPort = new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0);
        RelayConfig config = new RelayConfig(
                anyPort,
                folder.resolve("relay.key"),
                new RelayConfig.Tls(certificate, folder.resolve("key.pem"), true),
                new RelayConfig.Place(HOST, REGION),
                null,
                null,
                RelayConfig.Tuning.standard());
        try (RelayServer relay = RelayServer.start(config);
                StunServer stun = StunServer.start(StunConfig.of(List.of(anyPort), StunTransport.AUTO, null))) {
            Path map = folder.resolve("map.json");
            Files.writeString(map, DerpMapCodec.encode(map(relay.port(), stun.port(), DerpNode.Trust.PUBLIC)));
            Path log = folder.resolve("derpprobe.log");
            ProcessBuilder probe = new ProcessBuilder(
                            derpprobe.toString(),
                            "-once",
                            "-spread=false",
                            "-bw-interval=30s",
                            "-bw-probe-size-bytes=10000000",
                            "-derp-map=file://" + map.toAbsolutePath())
                    .redirectErrorStream(true)
                    .redirectOutput(log.toFile());
            probe.environment().put("SSL_CERT_FILE", certificate.toString());
            Process process = probe.start();
            boolean ended = process.waitFor(40, TimeUnit.SECONDS);
            process.destroyForcibly();
            String printed = Files.readString(log);
            assertTrue(ended, printed);
            assertEquals(0, process.exitValue(), printed);
            List<String> good =
                    printed.lines().filter(line -> line.contains(" good: ")).toList();
            for (String kind : List.of("mesh", "bw", "tls", "udp")) {
                assertTrue(good.stream().anyMatch(line -> line.contains("/" + kind)), () -> kind + " in " + printed);
            }
            assertFalse(printed.contains(" bad: "), printed);
        }
    }

    @Test
    void shouldUseAStockDerperInPlaintext() throws Exception {
        exchange(List.of(), new DerpNode.Trust(null, true, false));
    }

    @Test
    void shouldUseAStockDerperOverTls() throws Exception {
        ServerCredentials made =
                SelfSignedCertificate.loadOrCreate(folder.resolve(HOST + ".crt"), folder.resolve(HOST + ".key"), HOST);
        exchange(
                List.of("-certmode", "manual", "-certdir", folder.toString(), "-hostname", HOST),
                new DerpNode.Trust(made.pin().toString(), false, false));
    }

    /** Two clients on a derper with these flags: packets both ways, disco to nobody, one leaves, the derper dies. */
    private void exchange(List<String> flags, DerpNode.Trust trust) throws Exception {
        int port = FreePort.next();
        Derper derper = Derper.start(folder, port, flags, Map.of());
        NodePrivateKey firstKey = NodePrivateKey.generate(new SecureRandom());
        NodePrivateKey secondKey = NodePrivateKey.generate(new SecureRandom());
        DerpRegion region = present(map(port, DerpNode.Ports.NO_STUN, trust).region(REGION));
        HeardByClient firstHeard = new HeardByClient();
        HeardByClient secondHeard = new HeardByClient();
        try (DerpClient first = DerpClient.connect(Transport.AUTO, region, firstKey, firstHeard)) {
            assertEquals("connected", firstHeard.next(), first::lastProblem);
            DerpClient second = DerpClient.connect(Transport.AUTO, region, secondKey, secondHeard);
            assertEquals("connected", secondHeard.next(), second::lastProblem);
            first.notePreferred(true);
            String from = firstKey.publicKey().shortText();
            String to = secondKey.publicKey().shortText();
            assertTrue(first.send(secondKey.publicKey(), new byte[] {1, 2}, 0, 2));
            assertEquals(from + " 0102", secondHeard.next());
            assertTrue(second.send(firstKey.publicKey(), new byte[] {3}, 0, 1));
            assertEquals(to + " 03", firstHeard.next());
            second.close();
            assertEquals(to + " DISCONNECTED", firstHeard.next());
            byte[] disco = new byte[100];
            System.arraycopy(Hex.bytes("5453 f09f92ac"), 0, disco, 0, 6);
            assertTrue(first.send(secondKey.publicKey(), disco, 0, disco.length));
            assertEquals(to + " NOT_HERE", firstHeard.next());
            derper.kill();
            assertTrue(firstHeard.next().startsWith("disconnected: "));
        } finally {
            derper.close();
        }
    }

    private static DerpMap map(int port, int stunPort, DerpNode.Trust trust) {
        DerpNode node = new DerpNode(
                REGION + "a", REGION, HOST, "127.0.0.1", null, new DerpNode.Ports(port, stunPort, false), trust);
        return DerpMap.of(List.of(new DerpRegion(REGION, "lo", "loopback", false, List.of(node))));
    }

    private static <T> T present(@Nullable T value) {
        return java.util.Objects.requireNonNull(value);
    }
}
