package dev.warren.relay;

import static dev.warren.relay.TestRelay.await;
import static dev.warren.relay.TestRelay.count;
import static dev.warren.relay.TestRelay.gauge;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.protocol.derp.Frame;
import dev.warren.protocol.derp.Payload;
import dev.warren.protocol.derp.ServerInfo;
import dev.warren.protocol.key.NodePrivateKey;
import dev.warren.relay.limit.Limits;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** How the relay holds a client to its rate. */
@Timeout(30)
class ClientRateTest {
    private static final int PACKET = 1000;
    private static final int FRAME = 5 + 32 + PACKET;
    private static final int BURST = 65_568;

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
    void shouldSlowAClientDownAndDropNothing() throws Exception {
        RelayServer relay = relay(new Limits.Rate(200_000, 0));
        TestClient a = client(relay);
        TestClient b = client(relay);
        int packets = 300;
        long begin = System.nanoTime();
        for (int i = 0; i < packets; i++) {
            a.send(packet(b, i));
        }
        for (int i = 0; i < packets; i++) {
            assertEquals(new Frame.RecvPacket(a.publicKey(), payload(i)), b.next());
        }
        double seconds = (System.nanoTime() - begin) / 1e9;
        // The last frame passes while the bucket is not yet overdrawn.
        double least = ((packets - 1) * FRAME - BURST) / 200_000.0;
        assertTrue(seconds > least, seconds + " s, and at least " + least);
        assertEquals(0, count(relay, "warren.relay.dropped"));
        assertTrue(count(relay, "warren.relay.client.rate.waits") > 10);
        assertEquals(200_000, gauge(relay, "warren.relay.client.rate.limit.bytes"));
    }

    @Test
    void shouldPushBackUntilTheLimitIsLifted() throws Exception {
        RelayServer relay = relay(new Limits.Rate(1000, 0));
        TestClient a = client(relay);
        TestClient b = client(relay);
        // More than the sockets' buffers hold.
        int packets = 10_000;
        CompletableFuture<Void> sending = CompletableFuture.runAsync(
                () -> {
                    try {
                        for (int i = 0; i < packets; i++) {
                            a.send(packet(b, i));
                        }
                    } catch (IOException gone) {
                        throw new java.io.UncheckedIOException(gone);
                    }
                },
                task -> Thread.ofVirtual().start(task));
        await("the client waits", () -> gauge(relay, "warren.relay.client.rate.waiting") == 1);
        assertThrows(java.util.concurrent.TimeoutException.class, () -> sending.get(500, TimeUnit.MILLISECONDS));
        assertTrue(count(relay, "warren.relay.received.bytes") < 2 * BURST);
        // Nobody else is held up.
        TestClient c = client(relay);
        c.send(packet(b, packets));
        while (!b.next().equals(new Frame.RecvPacket(c.publicKey(), payload(packets)))) {
            assertTrue(!b.events.contains(TestClient.END));
        }
        assertEquals(0, count(relay, "warren.relay.dropped"));
        relay.limits().replace(Limits.NONE);
        sending.get(10, TimeUnit.SECONDS);
        await("all have come", () -> count(relay, "warren.relay.received.packets") == packets + 1);
        assertEquals(0, gauge(relay, "warren.relay.client.rate.waiting"));
    }

    @Test
    void shouldFollowALimitThatComesLater() throws Exception {
        RelayServer relay = relay(Limits.Rate.NONE);
        TestClient a = client(relay);
        relay.limits().replace(new Limits(new Limits.Rate(1, 0)));
        for (int i = 0; i < BURST / FRAME + 2; i++) {
            a.send(packet(a, i));
        }
        await("the client waits", () -> gauge(relay, "warren.relay.client.rate.waiting") == 1);
        a.close();
        await("it has left", () -> gauge(relay, "warren.relay.client.rate.waiting") == 0);
    }

    @Test
    void shouldChargeForFramesThatNobodyKnows() throws Exception {
        RelayServer relay = relay(new Limits.Rate(1, 0));
        TestClient a = client(relay);
        byte[] unknown = new byte[5 + 40_000];
        ByteBuffer.wrap(unknown).put((byte) 0x99).putInt(40_000);
        a.raw(unknown);
        a.raw(unknown);
        await("the client waits", () -> gauge(relay, "warren.relay.client.rate.waiting") == 1);
        assertEquals(2, count(relay, "warren.relay.unknown.frames"));
    }

    @Test
    void shouldTellClientsHowFastTheyMaySend() throws Exception {
        RelayServer relay = relay(new Limits.Rate(5_000_000_000L, 100_000));
        TestClient a = opening(TestClient.start(relay.port(), NodePrivateKey.generate(new SecureRandom())));
        assertEquals(new ServerInfo(2, Integer.MAX_VALUE, 100_000), a.next());
        relay.limits().replace(new Limits(new Limits.Rate(1000, 10)));
        TestClient b = opening(TestClient.start(relay.port(), NodePrivateKey.generate(new SecureRandom())));
        assertEquals(new ServerInfo(2, 1000, BURST), b.next());
    }

    private RelayServer relay(Limits.Rate rate) throws IOException {
        return opening(TestRelay.limited(folder, new Limits(rate)));
    }

    private TestClient client(RelayServer relay) throws Exception {
        return opening(TestClient.connect(relay.port()));
    }

    private static Frame packet(TestClient to, int number) {
        return new Frame.SendPacket(to.publicKey(), payload(number));
    }

    private static Payload payload(int number) {
        return Payload.of(ByteBuffer.allocate(PACKET).putInt(number).array());
    }

    private <T extends AutoCloseable> T opening(T made) {
        opened.add(made);
        return made;
    }
}
