package dev.warren.loadtest.interop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.platform.config.SecretFile;
import dev.warren.platform.net.DerpClient;
import dev.warren.platform.net.Transport;
import dev.warren.platform.tls.SelfSignedCertificate;
import dev.warren.platform.tls.ServerCredentials;
import dev.warren.protocol.derp.DerpMap;
import dev.warren.protocol.derp.DerpMapCodec;
import dev.warren.protocol.derp.DerpNode;
import dev.warren.protocol.derp.DerpRegion;
import dev.warren.protocol.derp.RelayAddresses;
import dev.warren.protocol.key.MeshKey;
import dev.warren.protocol.key.NodePrivateKey;
import dev.warren.protocol.testing.FreePort;
import dev.warren.protocol.testing.Hex;
import dev.warren.protocol.testing.Requirements;
import dev.warren.relay.RelayConfig;
import dev.warren.relay.RelayServer;
import dev.warren.stun.StunConfig;
import dev.warren.stun.StunServer;
import dev.warren.stun.StunTransport;
import io.micrometer.core.instrument.Gauge;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Regions of two relays that are linked both ways, one of them a stock derper or both ours. */
@Timeout(120)
class MeshInteropTest {
    private static final int REGION = 900;
    private static final String HOST = "localhost";

    @TempDir
    Path folder;

    private final List<AutoCloseable> opened = new ArrayList<>();
    private Path meshKey = Path.of("");

    @BeforeEach
    void makeMeshKey() throws Exception {
        meshKey = folder.resolve("mesh.key");
        SecretFile.write(meshKey, MeshKey.generate(new SecureRandom()).secretText() + "\n");
    }

    @AfterEach
    void stop() throws Exception {
        for (AutoCloseable each : opened.reversed()) {
            each.close();
        }
    }

    @Test
    void shouldBeOneRegionWithAStockDerper() throws Exception {
        Member theirs = reserve("theirs");
        RelayServer ours = ours(reserve("ours"), theirs);
        theirs(theirs, ours.port());
        await("both are linked", () -> gauge(ours, "link.up") == 1 && gauge(ours, "watchers") == 1);

        NodePrivateKey hereKey = NodePrivateKey.generate(new SecureRandom());
        NodePrivateKey thereKey = NodePrivateKey.generate(new SecureRandom());
        String hereText = hereKey.publicKey().shortText();
        String thereText = thereKey.publicKey().shortText();
        HeardByClient hereHeard = new HeardByClient();
        HeardByClient thereHeard = new HeardByClient();
        DerpClient here = client(ours.port(), pinOf(ours), hereKey, hereHeard);
        DerpClient there = client(theirs.port(), pinOf(theirs), thereKey, thereHeard);

        await("a packet to derper's client arrives", () -> {
            here.send(thereKey.publicKey(), new byte[] {1, 2}, 0, 2);
            return thereHeard.events.contains(hereText + " 0102");
        });
        await("a packet from derper's client arrives", () -> {
            there.send(hereKey.publicKey(), new byte[] {3}, 0, 1);
            return hereHeard.events.contains(thereText + " 03");
        });
        hereHeard.events.clear();
        there.close();
        assertEquals(thereText + " DISCONNECTED", next(hereHeard, thereText + " 03"));
        byte[] disco = new byte[100];
        System.arraycopy(Hex.bytes("5453 f09f92ac"), 0, disco, 0, 6);
        assertTrue(here.send(thereKey.publicKey(), disco, 0, disco.length));
        // What was still on its way may come behind the notice, which goes before packets.
        assertEquals(thereText + " NOT_HERE", next(hereHeard, thereText + " 03"));

        HeardByClient againHeard = new HeardByClient();
        DerpClient again = client(theirs.port(), pinOf(theirs), thereKey, againHeard);
        await("another packet to derper's client arrives", () -> {
            here.send(thereKey.publicKey(), new byte[] {4}, 0, 1);
            return againHeard.events.contains(hereText + " 04");
        });
        againHeard.events.clear();
        here.close();
        assertEquals(hereText + " DISCONNECTED", next(againHeard, hereText + " 04"));
        assertTrue(again.isConnected());
    }

    @Test
    void shouldSatisfyDerpprobeTogetherWithAStockDerper() throws Exception {
        Member theirs = reserve("theirs");
        Member mine = reserve("ours");
        RelayServer ours = ours(mine, theirs);
        theirs(theirs, ours.port());
        await("both are linked", () -> gauge(ours, "link.up") == 1 && gauge(ours, "watchers") == 1);
        probe(mine, theirs);
    }

    @Test
    void shouldSatisfyDerpprobeWithTwoOfOurs() throws Exception {
        Member one = reserve("one");
        Member two = reserve("two");
        RelayServer first = ours(one, two);
        RelayServer second = ours(two, one);
        await("both are linked", () -> gauge(first, "link.up") == 1 && gauge(second, "link.up") == 1);
        probe(one, two);
    }

    /** A relay of the region before it runs: its port and its certificate. */
    private record Member(Path folder, int port, ServerCredentials credentials) {
        Path certificate() {
            return folder.resolve(HOST + ".crt");
        }

        Path key() {
            return folder.resolve(HOST + ".key");
        }
    }

    private Member reserve(String name) throws Exception {
        Path own = Files.createDirectory(folder.resolve(name));
        ServerCredentials made =
                SelfSignedCertificate.loadOrCreate(own.resolve(HOST + ".crt"), own.resolve(HOST + ".key"), HOST);
        return new Member(own, FreePort.next(), made);
    }

    private RelayServer ours(Member member, Member other) throws Exception {
        List<DerpNode> with = RelayAddresses.parse(
                HOST + ":" + other.port() + ",pin=" + other.credentials().pin());
        RelayServer relay = RelayServer.start(new RelayConfig(
                        new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), member.port()),
                        member.folder().resolve("relay.key"),
                        new RelayConfig.Tls(member.certificate(), member.key(), true),
                        new RelayConfig.Place(HOST, REGION),
                        null,
                        null,
                        RelayConfig.Tuning.standard())
                .withMesh(new RelayConfig.Mesh(meshKey, with)));
        opened.add(relay);
        return relay;
    }

    private void theirs(Member member, int linkedPort) throws Exception {
        List<String> flags = List.of(
                "-certmode",
                "manual",
                "-certdir",
                member.folder().toString(),
                "-hostname",
                HOST,
                "-mesh-psk-file",
                meshKey.toString(),
                "-mesh-with",
                HOST + ":" + linkedPort);
        opened.add(Derper.start(member.folder(), member.port(), flags, Map.of("SSL_CERT_FILE", bundle())));
    }

    /** Both certificates in one file. */
    private String bundle() throws Exception {
        Path bundle = folder.resolve("bundle.pem");
        StringBuilder all = new StringBuilder();
        try (var members = Files.list(folder)) {
            for (Path each : members.filter(Files::isDirectory).toList()) {
                all.append(Files.readString(each.resolve(HOST + ".crt")));
            }
        }
        Files.writeString(bundle, all);
        return bundle.toString();
    }

    private void probe(Member first, Member second) throws Exception {
        Path derpprobe = Requirements.peer("derpprobe");
        InetSocketAddress anyPort = new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0);
        StunServer stun = StunServer.start(StunConfig.of(List.of(anyPort), StunTransport.AUTO, null));
        opened.add(stun);
        DerpRegion region = new DerpRegion(
                REGION,
                "lo",
                "loopback",
                false,
                List.of(node("a", first, stun.port()), node("b", second, stun.port())));
        Path map = folder.resolve("map.json");
        Files.writeString(map, DerpMapCodec.encode(DerpMap.of(List.of(region))));
        Path log = folder.resolve("derpprobe.log");
        ProcessBuilder builder = new ProcessBuilder(
                        derpprobe.toString(),
                        "-once",
                        "-spread=false",
                        "-bw-interval=30s",
                        "-bw-probe-size-bytes=5000000",
                        "-derp-map=file://" + map.toAbsolutePath())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile());
        builder.environment().put("SSL_CERT_FILE", bundle());
        Process process = builder.start();
        boolean ended = process.waitFor(60, TimeUnit.SECONDS);
        process.destroyForcibly();
        String printed = Files.readString(log);
        assertTrue(ended, printed);
        assertEquals(0, process.exitValue(), printed);
        assertFalse(printed.contains(" bad: "), printed);
        for (String kind : List.of("mesh", "bw")) {
            for (String pair : List.of("900a/900a", "900a/900b", "900b/900a", "900b/900b")) {
                String line = pair + "/" + kind + ":";
                assertTrue(
                        printed.lines().anyMatch(each -> each.contains(" good: ") && each.contains(line)),
                        () -> line + " in " + printed);
            }
        }
    }

    private static DerpNode node(String letter, Member member, int stunPort) {
        return new DerpNode(
                REGION + letter,
                REGION,
                HOST,
                "127.0.0.1",
                null,
                new DerpNode.Ports(member.port(), stunPort, false),
                DerpNode.Trust.PUBLIC);
    }

    private DerpClient client(int port, String pin, NodePrivateKey key, HeardByClient heard) throws Exception {
        DerpNode node = new DerpNode(
                REGION + "a",
                REGION,
                HOST,
                "127.0.0.1",
                null,
                new DerpNode.Ports(port, DerpNode.Ports.NO_STUN, false),
                new DerpNode.Trust(pin, false, false));
        DerpRegion region = new DerpRegion(REGION, "lo", "loopback", false, List.of(node));
        DerpClient client = DerpClient.connect(Transport.AUTO, region, key, heard);
        opened.add(client);
        assertEquals("connected", next(heard, ""), client::lastProblem);
        return client;
    }

    /** The next event that is not {@code passed}, of which more than one may have come. */
    private static String next(HeardByClient heard, String passed) throws InterruptedException {
        String event = heard.next();
        while (event.equals(passed)) {
            event = heard.next();
        }
        return event;
    }

    private static String pinOf(RelayServer relay) {
        return String.valueOf(relay.mapEntry().nodes().getFirst().trust().pin());
    }

    private static String pinOf(Member member) {
        return member.credentials().pin().toString();
    }

    private static double gauge(RelayServer relay, String name) {
        return relay.registry().get("warren.relay.mesh." + name).gauges().stream()
                .mapToDouble(Gauge::value)
                .sum();
    }

    private static void await(String what, BooleanSupplier condition) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("not in time: " + what);
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
        }
    }
}
