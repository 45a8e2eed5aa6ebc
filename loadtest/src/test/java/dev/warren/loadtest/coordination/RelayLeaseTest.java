package dev.warren.loadtest.coordination;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.coordinator.CoordinatorConfig;
import dev.warren.coordinator.CoordinatorServer;
import dev.warren.coordinator.topology.Leases;
import dev.warren.platform.config.HostPort;
import dev.warren.platform.coordination.CoordinatorHttp;
import dev.warren.platform.net.Gathering;
import dev.warren.platform.net.Transport;
import dev.warren.platform.tls.TlsEngine;
import dev.warren.protocol.coordination.JoinToken;
import dev.warren.protocol.coordination.LeaseAnswer;
import dev.warren.protocol.coordination.LeaseRequest;
import dev.warren.protocol.derp.DerpMap;
import dev.warren.protocol.derp.DerpMapCodec;
import dev.warren.protocol.derp.DerpNode;
import dev.warren.protocol.derp.DerpRegion;
import dev.warren.protocol.derp.RelaySpec;
import dev.warren.protocol.key.IdentityPrivateKey;
import dev.warren.protocol.wireguard.IpPrefix;
import dev.warren.relay.RelayConfig;
import dev.warren.relay.RelayServer;
import dev.warren.relay.client.RelayContext;
import io.micrometer.core.instrument.Gauge;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Whole relays and a whole coordinator on loopback: into the map, out of it, and what happens when one is away. */
@Timeout(60)
class RelayLeaseTest {
    private static final int SHORT_LEASE_MILLIS = Leases.Terms.LEAST_MILLIS;

    @TempDir
    Path folder;

    private final Deque<AutoCloseable> open = new ArrayDeque<>();

    @AfterEach
    void stopEverything() throws Exception {
        while (!open.isEmpty()) {
            open.pop().close();
        }
    }

    @Test
    void theRelaysOfARegionFindEachOther() throws Exception {
        CoordinatorServer coordinator = coordinator(0, 30_000);
        String token = coordinator.createRelayToken(true, null);
        RelayServer a = relay("a", token);
        awaitGauge(a, "warren.relay.registered", 1);
        RelayServer b = relay("b", token);
        awaitGauge(b, "warren.relay.registered", 1);
        DerpMap map = map(coordinator);
        DerpRegion region = Objects.requireNonNull(map.region(900));
        assertEquals("lo", region.code());
        assertEquals(List.of("900a", "900b"), names(map));
        DerpNode node = region.nodes().getFirst();
        assertEquals(a.mapEntry().nodes().getFirst().trust().pin(), node.trust().pin());
        assertEquals("127.0.0.1", node.ipv4());
        assertEquals(3478, node.stunPort());
        // Neither has a file with a mesh key, nor an option that names the other.
        awaitGauge(b, "warren.relay.mesh.link.up", 1);
        await("the first hears of the second by a renewal", () -> links(a) == 1);
    }

    @Test
    void aRelayThatStopsIsOutOfTheMapBeforeItsClientsLeave() throws Exception {
        CoordinatorServer coordinator = coordinator(0, 30_000);
        RelayServer relay = relay("a", coordinator.createRelayToken(false, 60_000L));
        awaitGauge(relay, "warren.relay.registered", 1);
        relay.drain(Duration.ofSeconds(5));
        assertEquals(List.of(), names(map(coordinator)));
        relay.close();
        // It is known by its identity: its token was for one relay, and has been used.
        RelayServer again = relay("a", coordinator.createRelayToken(false, 1L));
        awaitGauge(again, "warren.relay.registered", 1);
        assertEquals(List.of("900a"), names(map(coordinator)));
    }

    @Test
    void aRelayServesWithoutTheCoordinatorAndRegistersWhenItIsThere() throws Exception {
        CoordinatorServer first = coordinator(0, 30_000);
        int port = first.port();
        String token = first.createRelayToken(true, null);
        first.close();
        RelayServer relay = relay("a", token);
        try (Socket client = new Socket(InetAddress.getLoopbackAddress(), relay.port())) {
            assertTrue(client.isConnected());
        }
        await(
                "an attempt has failed",
                () -> relay.registry()
                                .get("warren.relay.lease.renewals")
                                .tags("result", "failed")
                                .counter()
                                .count()
                        > 0);
        assertEquals(0, gauge(relay, "warren.relay.registered"));
        CoordinatorServer second = coordinator(port, 30_000);
        awaitGauge(relay, "warren.relay.registered", 1);
        assertEquals(List.of("900a"), names(map(second)));
    }

    @Test
    void aCoordinatorThatWasAwayStillHasItsRelays() throws Exception {
        CoordinatorServer first = coordinator(0, 30_000);
        int port = first.port();
        RelayServer relay = relay("a", first.createRelayToken(true, null));
        awaitGauge(relay, "warren.relay.registered", 1);
        first.close();
        CoordinatorServer second = coordinator(port, 30_000);
        assertEquals(List.of("900a"), names(map(second)), "before it has asked again");
    }

    @Test
    void aLeaseThatNobodyRenewsEnds() throws Exception {
        CoordinatorServer coordinator = coordinator(0, SHORT_LEASE_MILLIS);
        JoinToken token = JoinToken.decode(coordinator.createRelayToken(true, null));
        IdentityPrivateKey identity = IdentityPrivateKey.generate(new SecureRandom());
        LeaseRequest request = new LeaseRequest(
                1, DerpMap.of(List.of(RelaySpec.parse("900=192.0.2.1:443"))), "test", null, token.secret());
        try (CoordinatorHttp http = new CoordinatorHttp(token.mesh(), token.urls(), token.pins(), identity)) {
            LeaseAnswer answer = http.post("/v1/lease", request, LeaseAnswer.class);
            assertEquals(SHORT_LEASE_MILLIS, answer.leaseMillis());
        }
        await("it is out of the map", () -> names(map(coordinator)).isEmpty());
    }

    @Test
    void aBadTokenIsSaidAndAGoodOneIsFollowed() throws Exception {
        CoordinatorServer coordinator = coordinator(0, 30_000);
        RelayServer relay = relay("a", coordinator.createToken(true, null, List.of()));
        await("it is refused", () -> metrics(coordinator)
                .contains("warren_coordinator_requests_total{outcome=\"token-unknown\",request=\"lease\"}"));
        assertEquals(0, gauge(relay, "warren.relay.registered"));
        assertEquals(List.of(), names(map(coordinator)));
        relay.reload(config("a", coordinator.createRelayToken(true, null)));
        awaitGauge(relay, "warren.relay.registered", 1);
        assertTrue(metrics(coordinator).contains("warren_coordinator_relays_leased 1"), metrics(coordinator));
    }

    @Test
    void theMeshKeyIsWrittenNowhereButInTheStore() throws Exception {
        CoordinatorServer coordinator = coordinator(0, 30_000);
        JoinToken token = JoinToken.decode(coordinator.createRelayToken(true, null));
        IdentityPrivateKey identity = IdentityPrivateKey.generate(new SecureRandom());
        LeaseRequest request = new LeaseRequest(
                1, DerpMap.of(List.of(RelaySpec.parse("900=192.0.2.1:443"))), "test", null, token.secret());
        String key;
        try (CoordinatorHttp http = new CoordinatorHttp(token.mesh(), token.urls(), token.pins(), identity)) {
            key = http.post("/v1/lease", request, LeaseAnswer.class).meshKey();
        }
        for (String path : List.of("/status.json", "/derpmap.json", "/metrics", "/")) {
            assertFalse(get(coordinator, path).contains(key), path);
        }
        assertNotEquals("0".repeat(64), key);
    }

    private CoordinatorServer coordinator(int port, int leaseMillis) throws IOException {
        CoordinatorServer server = CoordinatorServer.start(new CoordinatorConfig(
                HostPort.parse("127.0.0.1:" + port),
                HostPort.parse("127.0.0.1:0"),
                null,
                folder.resolve("coordinator"),
                DerpMap.EMPTY,
                IpPrefix.parse("100.64.0.0/10"),
                new Leases.Terms(leaseMillis)));
        open.push(server);
        return server;
    }

    private RelayServer relay(String name, String token) throws IOException {
        RelayServer relay = RelayServer.start(config(name, token));
        open.push(relay);
        return relay;
    }

    private RelayConfig config(String name, String token) throws IOException {
        Path own = Files.createDirectories(folder.resolve(name));
        return new RelayConfig(
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), port(name)),
                        own.resolve("relay.key"),
                        new RelayConfig.Tls(own.resolve("cert.pem"), own.resolve("key.pem"), true),
                        new RelayConfig.Place("127.0.0.1", 900),
                        null,
                        null,
                        new RelayConfig.Tuning(
                                Transport.AUTO,
                                TlsEngine.AUTO,
                                1,
                                Gathering.STANDARD_MICROS,
                                RelayContext.Timing.DEFAULT))
                .withRegistration(
                        new RelayConfig.Registration(own.resolve("token"), JoinToken.decode(token)),
                        new RelayConfig.Place("127.0.0.1", 900, "lo", "Loopback", List.of(), 3478));
    }

    /** One port for each name, so that a relay that starts again is at its old place. */
    private int port(String name) throws IOException {
        Path file = folder.resolve(name).resolve("port");
        if (!Files.exists(file)) {
            try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
                Files.writeString(file, Integer.toString(free.getLocalPort()));
            }
        }
        return Integer.parseInt(Files.readString(file));
    }

    private static DerpMap map(CoordinatorServer coordinator) {
        return DerpMapCodec.decode(get(coordinator, "/derpmap.json"));
    }

    private static String metrics(CoordinatorServer coordinator) {
        return get(coordinator, "/metrics");
    }

    private static String get(CoordinatorServer coordinator, String path) {
        URI uri = URI.create("http://127.0.0.1:" + coordinator.opsPort() + path);
        try (InputStream in = uri.toURL().openStream()) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private static List<String> names(DerpMap map) {
        return map.regions().values().stream()
                .flatMap(region -> region.nodes().stream())
                .map(DerpNode::name)
                .toList();
    }

    private static double gauge(RelayServer relay, String name) {
        return relay.registry().find(name).gauges().stream()
                .mapToDouble(Gauge::value)
                .sum();
    }

    private static double links(RelayServer relay) {
        return gauge(relay, "warren.relay.mesh.link.up");
    }

    private static void awaitGauge(RelayServer relay, String name, double value) {
        await(name + " is " + value, () -> gauge(relay, name) == value);
    }

    private static void await(String what, BooleanSupplier condition) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("not in time: " + what);
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
        }
    }
}
