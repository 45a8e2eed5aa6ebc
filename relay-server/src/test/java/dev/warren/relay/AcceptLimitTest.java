package dev.warren.relay;

import static dev.warren.relay.TestRelay.await;
import static dev.warren.relay.TestRelay.count;
import static dev.warren.relay.TestRelay.gauge;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.protocol.derp.Frame;
import dev.warren.protocol.key.NodePrivateKey;
import dev.warren.relay.limit.Limits;
import dev.warren.relay.limit.Limits.Bound;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Who may connect and log in, and how often. */
@Timeout(30)
class AcceptLimitTest {
    private static final InetAddress OTHER_SOURCE = InetAddress.ofLiteral("127.0.0.2");

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
    void shouldCloseWhoIsOneTooManyAndGoOn() throws Exception {
        RelayServer relay = relay(new Bound(2, 0), Bound.NONE, Bound.NONE, 0);
        TestClient a = opening(TestClient.connect(relay.port()));
        TestClient b = opening(TestClient.connect(relay.port()));
        assertEnded(connect(relay, OTHER_SOURCE));
        assertRefused(relay, "total_connections", 1);
        assertTrue(a.settled().isEmpty());
        b.close();
        // Its place is free as soon as the relay has noticed.
        await("there is room again", () -> gauge(relay, "warren.relay.connections") == 1);
        opening(TestClient.connect(relay.port()));
    }

    @Test
    void shouldHoldEachSourceToItsShare() throws Exception {
        RelayServer relay = relay(Bound.NONE, new Bound(1, 0), Bound.NONE, 0);
        TestClient a = opening(TestClient.connect(relay.port()));
        assertEnded(connect(relay, InetAddress.getLoopbackAddress()));
        assertRefused(relay, "source_connections", 1);
        Socket other = connect(relay, OTHER_SOURCE);
        assertAnswers(other);
        assertEnded(connect(relay, OTHER_SOURCE));
        assertRefused(relay, "source_connections", 2);
        relay.limits().replace(Limits.NONE);
        assertAnswers(connect(relay, OTHER_SOURCE));
        assertTrue(a.settled().isEmpty());
    }

    @Test
    void shouldRefuseWhoConnectsTooFast() throws Exception {
        RelayServer relay = relay(Bound.NONE, new Bound(0, 1), Bound.NONE, 0);
        assertAnswers(connect(relay, OTHER_SOURCE));
        for (int i = 0; i < 100; i++) {
            connect(relay, OTHER_SOURCE);
        }
        await("some are refused", () -> count(relay, "warren.relay.refused", "reason", "source_rate") > 0);
        assertAnswers(connect(relay, InetAddress.getLoopbackAddress()));

        relay.limits().replace(limits(new Bound(0, 1), Bound.NONE, Bound.NONE, 0));
        for (int i = 0; i < 100; i++) {
            connect(relay, OTHER_SOURCE);
        }
        await("some are refused", () -> count(relay, "warren.relay.refused", "reason", "total_rate") > 0);
    }

    @Test
    void shouldHoldEachKeyToItsShare() throws Exception {
        RelayServer relay = relay(Bound.NONE, Bound.NONE, new Bound(1, 0), 0);
        NodePrivateKey key = NodePrivateKey.generate(new SecureRandom());
        TestClient first = opening(TestClient.connect(relay.port(), key));
        TestClient second = opening(TestClient.start(relay.port(), key));
        assertEquals(TestClient.END, second.next());
        assertRefused(relay, "key_connections", 1);
        await("the end is counted", () -> count(relay, "warren.relay.ended", "reason", "refused") == 1);
        assertTrue(first.settled().isEmpty());
        opening(TestClient.connect(relay.port()));

        relay.limits().replace(limits(Bound.NONE, Bound.NONE, new Bound(0, 1), 0));
        opening(TestClient.connect(relay.port(), key));
        for (int i = 0; i < 50; i++) {
            opening(TestClient.start(relay.port(), key));
        }
        await("some are refused", () -> count(relay, "warren.relay.refused", "reason", "key_rate") > 0);
    }

    @Test
    void shouldFreeTheKeysPlaceWhenItsConnectionEnds() throws Exception {
        RelayServer relay = relay(Bound.NONE, Bound.NONE, new Bound(1, 0), 0);
        NodePrivateKey key = NodePrivateKey.generate(new SecureRandom());
        for (int i = 0; i < 5; i++) {
            try (TestClient client = TestClient.connect(relay.port(), key)) {
                assertTrue(client.settled().isEmpty());
            }
            await("it has left", () -> gauge(relay, "warren.relay.connections") == 0);
        }
    }

    @Test
    void shouldLetTheOldestOfThoseWhoSayNothingMakeRoom() throws Exception {
        RelayServer relay = relay(Bound.NONE, Bound.NONE, Bound.NONE, 5);
        TestClient a = opening(TestClient.connect(relay.port()));
        List<Socket> silent = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            silent.add(connect(relay, OTHER_SOURCE));
            int count = i + 1;
            await("it is noticed", () -> count(relay, "warren.relay.accepts") == 1 + count);
        }
        for (Socket socket : silent.subList(0, 15)) {
            assertEnded(socket);
        }
        assertEquals(15, count(relay, "warren.relay.ended", "reason", "logins_full"));
        assertEquals(5, gauge(relay, "warren.relay.logins.pending"));
        TestClient b = opening(TestClient.connect(relay.port()));
        b.send(new Frame.SendPacket(a.publicKey(), dev.warren.protocol.derp.Payload.of(new byte[1])));
        assertEquals(new Frame.RecvPacket(b.publicKey(), dev.warren.protocol.derp.Payload.of(new byte[1])), a.next());
        await("one made room for it", () -> gauge(relay, "warren.relay.logins.pending") == 4);
    }

    private RelayServer relay(Bound total, Bound source, Bound key, int logins) throws IOException {
        return opening(TestRelay.limited(folder, limits(total, source, key, logins)));
    }

    private static Limits limits(Bound total, Bound source, Bound key, int logins) {
        return new Limits(Limits.Rate.NONE, total, source, key, logins);
    }

    private Socket connect(RelayServer relay, InetAddress source) throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), relay.port(), source, 0);
        socket.setSoTimeout(10_000);
        return opening(socket);
    }

    private static void assertRefused(RelayServer relay, String reason, int times) {
        assertEquals(times, count(relay, "warren.relay.refused", "reason", reason));
    }

    private static void assertEnded(Socket socket) throws IOException {
        assertEquals(-1, socket.getInputStream().read());
    }

    private static void assertAnswers(Socket socket) throws IOException {
        socket.getOutputStream()
                .write("GET /derp/probe HTTP/1.1\r\nHost: x\r\n\r\n"
                        .getBytes(java.nio.charset.StandardCharsets.US_ASCII));
        assertEquals('H', socket.getInputStream().read());
    }

    private <T extends AutoCloseable> T opening(T made) {
        opened.add(made);
        return made;
    }
}
