package dev.warren.relay;

import static dev.warren.relay.TestRelay.await;
import static dev.warren.relay.TestRelay.gauge;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.platform.net.DerpClient;
import dev.warren.platform.net.Transport;
import dev.warren.protocol.derp.DerpMap;
import dev.warren.protocol.derp.DerpRegion;
import dev.warren.protocol.derp.Frame;
import dev.warren.protocol.derp.PeerGoneReason;
import dev.warren.protocol.key.MeshKey;
import dev.warren.protocol.key.NodePrivateKey;
import dev.warren.protocol.key.NodePublicKey;
import dev.warren.relay.client.RelayContext;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** How a relay that is told to stop lets its clients go. */
@Timeout(60)
class DrainTest {
    private static final Duration LONG = Duration.ofSeconds(50);

    @TempDir
    Path folder;

    private final List<AutoCloseable> opened = new ArrayList<>();

    @AfterEach
    void stop() throws Exception {
        for (AutoCloseable each : opened.reversed()) {
            each.close();
        }
    }

    @Test
    void shouldSendEverybodyAwayAndTakeNobody() throws Exception {
        RelayServer relay = opening(TestRelay.plain(folder));
        TestClient a = opening(TestClient.connect(relay.port()));
        TestClient b = opening(TestClient.connect(relay.port()));
        Socket early = opening(new Socket(InetAddress.getLoopbackAddress(), relay.port()));
        await("it is accepted", () -> gauge(relay, "warren.relay.logins.pending") == 1);
        assertEquals(200, ready(relay));
        CompletableFuture<Void> draining = drain(relay, LONG);
        for (TestClient client : List.of(a, b)) {
            Frame.Restarting told = assertInstanceOf(Frame.Restarting.class, client.next());
            assertTrue(told.tryForMillis() > 0);
        }
        assertEquals(503, ready(relay));
        assertThrows(ConnectException.class, () -> new Socket(InetAddress.getLoopbackAddress(), relay.port()).close());
        // Who was on its way to a login is told as well.
        TestClient late = opening(TestClient.over(early));
        late.next();
        assertInstanceOf(Frame.Restarting.class, late.next());
        // Until its time has come a client has a relay that works.
        assertTrue(a.settled().isEmpty());
        for (TestClient client : List.of(a, b, late)) {
            assertEquals(TestClient.END, client.next());
        }
        draining.get(10, TimeUnit.SECONDS);
    }

    @Test
    void shouldGiveEachClientAMomentOfItsOwn() throws Exception {
        RelayServer relay = opening(TestRelay.plain(folder));
        List<TestClient> clients = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            clients.add(opening(TestClient.connect(relay.port())));
        }
        var _ = drain(relay, LONG);
        long latest = 0;
        for (TestClient client : clients) {
            Frame.Restarting told = assertInstanceOf(Frame.Restarting.class, client.next());
            latest = Math.max(latest, told.reconnectInMillis());
        }
        assertEquals(99, latest);
    }

    /** Whoever is still here is reached from the rest of the region through them. */
    @Test
    void shouldLetOtherRelaysOfTheRegionGoLast() throws Exception {
        MeshKey key = MeshKey.generate(new SecureRandom());
        RelayServer relay = opening(TestRelay.mesh(folder, key));
        List<TestClient> clients = new ArrayList<>();
        List<TestClient> relays = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            clients.add(opening(TestClient.connect(relay.port())));
            if (i % 10 == 0) {
                relays.add(opening(TestClient.meshPeer(relay.port(), key, TestClient.newKey())));
            }
        }
        var _ = drain(relay, LONG);
        long latest = 0;
        for (TestClient client : clients) {
            Frame.Restarting told = assertInstanceOf(Frame.Restarting.class, client.next());
            latest = Math.max(latest, told.reconnectInMillis());
        }
        for (TestClient other : relays) {
            Frame.Restarting told = assertInstanceOf(Frame.Restarting.class, other.next());
            assertTrue(told.reconnectInMillis() > latest, told + " and the last client in " + latest + " ms");
        }
    }

    @Test
    void shouldNotWaitLongerThanItIsTold() throws Exception {
        RelayServer relay = opening(TestRelay.plain(folder));
        TestClient a = opening(TestClient.connect(relay.port()));
        drain(relay, Duration.ofMillis(100)).get(10, TimeUnit.SECONDS);
        assertInstanceOf(Frame.Restarting.class, a.next());
        assertEquals(1, gauge(relay, "warren.relay.connections"));
        relay.close();
        assertInstanceOf(Frame.Restarting.class, a.next());
        assertEquals(TestClient.END, a.next());
    }

    @Test
    void shouldBeDoneAtOnceWithoutClients() throws Exception {
        RelayServer relay = opening(TestRelay.plain(folder));
        drain(relay, LONG).get(10, TimeUnit.SECONDS);
    }

    @Test
    void shouldLetClientsGoWhenTheProcessIsToldToStop() throws Exception {
        RelayProcess relay = RelayProcess.start(
                "--plaintext",
                "--listen",
                "127.0.0.1:0",
                "--ops-listen",
                ":0",
                "--node-key",
                folder.resolve("relay.key").toString(),
                "--drain-seconds",
                "50");
        try (relay) {
            String words = relay.outputLine("DERP on tcp port ").replaceAll("[^0-9]", "");
            TestClient a = opening(TestClient.connect(Integer.parseInt(words)));
            // It ends as soon as the client has left, which is long before the time is over.
            relay.close();
            assertInstanceOf(Frame.Restarting.class, a.next());
            assertEquals(TestClient.END, a.next());
        }
    }

    /** What an operator does to a region, node by node, and what two clients that talk all the time notice of it. */
    @Test
    void shouldLoseNobodyForLongInARollingRestart() throws Exception {
        List<RelayConfig> configs = new ArrayList<>();
        List<RelayServer> relays = new ArrayList<>();
        List<DerpRegion> entries = new ArrayList<>();
        for (String name : List.of("first", "second")) {
            Path place = Files.createDirectory(folder.resolve(name));
            RelayConfig config = TestRelay.config(place, true, RelayContext.Timing.DEFAULT, null);
            RelayServer relay = opening(RelayServer.start(config));
            relays.add(relay);
            entries.add(relay.mapEntry());
            configs.add(at(config, relay.port()));
        }
        DerpRegion region = Objects.requireNonNull(DerpMap.of(entries).region(900));
        Talker a = new Talker(region);
        Talker b = new Talker(region);
        await("both are connected", () -> a.client.isConnected() && b.client.isConnected());
        ScheduledExecutorService talking = opening(Executors.newSingleThreadScheduledExecutor());
        var _ = talking.scheduleAtFixedRate(() -> a.say(b), 0, 10, TimeUnit.MILLISECONDS);
        var _ = talking.scheduleAtFixedRate(() -> b.say(a), 0, 10, TimeUnit.MILLISECONDS);
        a.awaitMore();
        b.awaitMore();
        for (int i = 0; i < relays.size(); i++) {
            relays.get(i).drain(Duration.ofSeconds(8));
            relays.get(i).close();
            opening(RelayServer.start(configs.get(i)));
            a.awaitMore();
            b.awaitMore();
        }
        for (Talker talker : List.of(a, b)) {
            assertEquals(3, talker.connects.get(), "once at first, and once for each restart");
            long gapMillis = TimeUnit.NANOSECONDS.toMillis(talker.longestGap.get());
            assertTrue(gapMillis < 2_000, gapMillis + " ms without a packet");
        }
    }

    private final class Talker implements DerpClient.Listener {
        final NodePrivateKey key = NodePrivateKey.generate(new SecureRandom());
        final AtomicLong heard = new AtomicLong();
        final AtomicLong longestGap = new AtomicLong();
        final AtomicLong connects = new AtomicLong();
        final DerpClient client;
        private long lastNanos;

        Talker(DerpRegion region) {
            client = opening(DerpClient.connect(Transport.AUTO, region, key, this));
        }

        void say(Talker to) {
            client.send(to.key.publicKey(), new byte[100], 0, 100);
        }

        void awaitMore() {
            long before = heard.get();
            await("packets come", () -> heard.get() > before + 10);
        }

        @Override
        public void connected(int region) {
            connects.incrementAndGet();
        }

        @Override
        public void packet(int region, NodePublicKey source, byte[] buffer, int offset, int length) {
            long now = System.nanoTime();
            if (heard.getAndIncrement() > 0) {
                longestGap.accumulateAndGet(now - lastNanos, Math::max);
            }
            lastNanos = now;
        }

        @Override
        public void peerGone(int region, NodePublicKey peer, PeerGoneReason reason) {}

        @Override
        public void disconnected(int region, String reason) {}
    }

    private static RelayConfig at(RelayConfig config, int port) {
        return new RelayConfig(
                TestRelay.loopback(port),
                config.nodeKey(),
                config.tls(),
                config.place(),
                null,
                config.opsListen(),
                config.tuning());
    }

    private static CompletableFuture<Void> drain(RelayServer relay, Duration most) {
        return CompletableFuture.runAsync(
                () -> {
                    try {
                        relay.drain(most);
                    } catch (InterruptedException stopped) {
                        Thread.currentThread().interrupt();
                    }
                },
                task -> Thread.ofVirtual().start(task));
    }

    private static int ready(RelayServer relay) throws Exception {
        try (HttpClient http = HttpClient.newHttpClient()) {
            URI page = URI.create("http://127.0.0.1:" + relay.opsPort().orElseThrow() + "/readyz");
            return http.send(HttpRequest.newBuilder(page).build(), HttpResponse.BodyHandlers.discarding())
                    .statusCode();
        }
    }

    private <T extends AutoCloseable> T opening(T made) {
        opened.add(made);
        return made;
    }
}
