package dev.warren.relay;

import static dev.warren.relay.TestRelay.await;
import static dev.warren.relay.TestRelay.count;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import dev.warren.protocol.derp.Frame;
import dev.warren.protocol.derp.Payload;
import dev.warren.protocol.derp.ServerInfo;
import dev.warren.protocol.derp.Upgrade;
import dev.warren.protocol.key.NodePrivateKey;
import dev.warren.protocol.testing.Hex;
import dev.warren.relay.client.RelayContext;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** From the TCP connection to the login, and how connections end. */
@Timeout(30)
class ConnectionTest {
    private static final RelayContext.Timing IMPATIENT = new RelayContext.Timing(300, 300, 60_000);

    @TempDir
    Path folder;

    private final List<AutoCloseable> opened = new ArrayList<>();

    @AfterEach
    void stop() throws Exception {
        for (AutoCloseable each : opened.reversed()) {
            each.close();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void shouldSpeakTlsWithTheMetaCertificate(String version) throws Exception {
        RelayServer relay = opening(TestRelay.start(folder, true, RelayContext.Timing.DEFAULT, null));
        String pin = relay.mapEntry().nodes().getFirst().trust().pin();
        TestClient a = opening(TestClient.tls(relay.port(), dev.warren.platform.tls.Pin.parse("" + pin), version));
        assertEquals(ServerInfo.unlimited(), a.next());
        X509Certificate meta =
                (X509Certificate) ((SSLSocket) a.socket).getSession().getPeerCertificates()[1];
        assertEquals(
                "CN=derpkey" + relay.publicKey().hex(),
                meta.getSubjectX500Principal().getName());
        byte[] large = new byte[Frame.MAX_PACKET];
        a.send(new Frame.SendPacket(a.publicKey(), Payload.of(large)));
        assertEquals(new Frame.RecvPacket(a.publicKey(), Payload.of(large)), a.next());
    }

    @Test
    void shouldStartFastAndKeepWhatCameBehindTheLogin() throws Exception {
        RelayServer relay = opening(TestRelay.plain(folder));
        NodePrivateKey key = NodePrivateKey.generate(new SecureRandom());
        TestClient b = opening(TestClient.connect(relay.port(), key));
        Payload packet = Payload.of(Hex.bytes("0102"));
        TestClient a = opening(TestClient.fast(
                relay.port(),
                relay.publicKey(),
                new Frame.NotePreferred(true),
                new Frame.SendPacket(b.publicKey(), packet)));
        assertEquals(ServerInfo.unlimited(), a.next());
        assertEquals(new Frame.RecvPacket(a.publicKey(), packet), b.next());
        assertEquals(1, TestRelay.gauge(relay, "warren.relay.home.clients"));
    }

    @Test
    void shouldAnswerAFastStartWithItsKeyAndNoHttp() throws Exception {
        RelayServer relay = opening(TestRelay.plain(folder));
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), relay.port())) {
            socket.getOutputStream().write(Upgrade.fastRequest("relay"));
            assertEquals(
                    "0100000028" + "44455250f09f9491" + relay.publicKey().hex(),
                    Hex.text(socket.getInputStream().readNBytes(45)));
        }
    }

    @Test
    void shouldAnswerANormalStartWith101AndItsKey() throws Exception {
        RelayServer relay = opening(TestRelay.plain(folder));
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), relay.port())) {
            byte[] answer = Upgrade.answer(relay.publicKey());
            socket.getOutputStream().write(Upgrade.request("relay", "900b"));
            assertArrayEquals(answer, socket.getInputStream().readNBytes(answer.length));
            assertEquals(0x01, socket.getInputStream().read());
        }
    }

    @ParameterizedTest
    @CsvSource({
        "04 0000001f", // too short
        "04 00010021", // too long
        "07 00000000",
        "12 00000007",
        "12 000003e9",
        "10 00000000", // the mesh's
        "99 00010021" // unknown and too long
    })
    void shouldEndAConnectionThatBreaksTheProtocol(String header) throws Exception {
        RelayServer relay = opening(TestRelay.plain(folder));
        TestClient a = opening(TestClient.connect(relay.port()));
        a.raw(Hex.bytes(header));
        assertEquals(TestClient.END, a.next());
        await("the end is counted", () -> count(relay, "warren.relay.ended", "reason", "protocol_error") == 1);
        assertEquals(0, TestRelay.gauge(relay, "warren.relay.connections"));
    }

    @Test
    void shouldEndALoginUnderAnothersKey() throws Exception {
        RelayServer relay = opening(TestRelay.plain(folder));
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), relay.port())) {
            socket.getOutputStream().write(Upgrade.fastRequest("relay"));
            socket.getOutputStream().write(Hex.bytes("02 00000048", "11".repeat(72)));
            socket.getInputStream().readNBytes(45);
            assertEquals(-1, socket.getInputStream().read());
        }
        await("the end is counted", () -> count(relay, "warren.relay.ended", "reason", "protocol_error") == 1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "GET /derp HTTP/1.1\r\n", "upgraded"})
    void shouldEndWhoDoesNotLogIn(String said) throws Exception {
        RelayServer relay = opening(TestRelay.start(folder, false, IMPATIENT, null));
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), relay.port())) {
            byte[] bytes =
                    said.equals("upgraded") ? Upgrade.fastRequest("relay") : said.getBytes(StandardCharsets.US_ASCII);
            socket.getOutputStream().write(bytes);
            socket.getInputStream().readAllBytes();
        }
        await("the end is counted", () -> count(relay, "warren.relay.ended", "reason", "login_timeout") == 1);
    }

    @Test
    void shouldNotEndWhoHasLoggedIn() throws Exception {
        RelayServer relay = opening(TestRelay.start(folder, false, new RelayContext.Timing(200, 300, 120), null));
        TestClient a = opening(TestClient.connect(relay.port()));
        // Keep-alives every 120 to 130 ms: after the third the login's time is over.
        for (int i = 0; i < 3; i++) {
            assertEquals(new Frame.KeepAlive(), a.next());
        }
    }

    @Test
    void shouldEndAConnectionThatTakesNothing() throws Exception {
        RelayServer relay = opening(TestRelay.start(folder, false, IMPATIENT, null));
        TestClient a = opening(TestClient.connect(relay.port()));
        TestClient frozen = opening(TestClient.connect(relay.port()));
        frozen.reading.acquire();
        Frame large = new Frame.SendPacket(frozen.publicKey(), Payload.of(new byte[Frame.MAX_PACKET]));
        for (int i = 0; i < 300; i++) {
            a.send(large);
        }
        await("the end is counted", () -> count(relay, "warren.relay.ended", "reason", "write_timeout") == 1);
        assertTrue(count(relay, "warren.relay.dropped", "reason", "destination_gone") > 0);
        frozen.reading.release();
        assertTrue(a.settled().isEmpty());
    }

    @Test
    void shouldTellClientsBeforeItStops() throws Exception {
        RelayServer relay = opening(TestRelay.plain(folder));
        TestClient a = opening(TestClient.connect(relay.port()));
        TestClient b = opening(TestClient.connect(relay.port()));
        relay.close();
        for (TestClient client : List.of(a, b)) {
            assertInstanceOf(Frame.Restarting.class, client.next());
            assertEquals(TestClient.END, client.next());
        }
    }

    @Test
    void shouldAskTheCoordinatorInDerpersForm() throws Exception {
        BlockingQueue<String> questions = new LinkedBlockingQueue<>();
        URI url = coordinator(200, "{\"Allow\":true}", questions);
        RelayServer relay = opening(verifying(url));
        TestClient a = opening(TestClient.connect(relay.port()));
        assertEquals("POST {\"NodePublic\":\"" + a.publicKey() + "\",\"Source\":\"127.0.0.1\"}", questions.take());
        assertEquals(1, count(relay, "warren.relay.admissions", "verdict", "allowed"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "200; {\"Allow\":false}; denied",
                "200; {\"Allow\":\"yes\"}; bad_answer",
                "200; {}; bad_answer",
                "200; surely; bad_answer",
                "403; {\"Allow\":true}; bad_answer",
            })
    void shouldLetNobodyInWithoutAClearYes(int status, String answer, String verdict) throws Exception {
        RelayServer relay = opening(verifying(coordinator(status, answer, new LinkedBlockingQueue<>())));
        refused(relay, verdict);
    }

    @Test
    void shouldLetNobodyInWhenTheCoordinatorCannotBeAsked() throws Exception {
        refused(opening(verifying(URI.create("http://127.0.0.1:1/v1/verify"))), "unreachable");
    }

    @Test
    void shouldNotTakeAnAnswerWithoutEnd() throws Exception {
        String endless = "{\"Allow\":true," + "\"x\":0,".repeat(2000) + "\"y\":1}";
        refused(opening(verifying(coordinator(200, endless, new LinkedBlockingQueue<>()))), "bad_answer");
    }

    @Test
    void shouldHoldWhatCameBehindTheLoginUntilItIsDecided() throws Exception {
        CountDownLatch decide = new CountDownLatch(1);
        HttpServer slow = HttpServer.create(TestRelay.loopback(0), 0);
        slow.createContext("/v1/verify", exchange -> {
            try (exchange) {
                decide.await();
                byte[] yes = "{\"Allow\":true}".getBytes(StandardCharsets.US_ASCII);
                exchange.sendResponseHeaders(200, yes.length);
                exchange.getResponseBody().write(yes);
            } catch (InterruptedException stopped) {
                Thread.currentThread().interrupt();
            }
        });
        slow.start();
        opened.add(() -> slow.stop(0));
        RelayServer relay = opening(
                verifying(URI.create("http://127.0.0.1:" + slow.getAddress().getPort() + "/v1/verify")));
        TestClient a = opening(TestClient.fast(relay.port(), relay.publicKey(), new Frame.Ping(5)));
        a.send(new Frame.NotePreferred(true));
        decide.countDown();
        assertEquals(ServerInfo.unlimited(), a.next());
        assertEquals(new Frame.Pong(5), a.next());
        assertTrue(a.settled().isEmpty());
    }

    private void refused(RelayServer relay, String verdict) throws Exception {
        TestClient a = opening(TestClient.start(relay.port(), NodePrivateKey.generate(new SecureRandom())));
        assertEquals(TestClient.END, a.next());
        assertEquals(1, count(relay, "warren.relay.admissions", "verdict", verdict));
        await("the end is counted", () -> count(relay, "warren.relay.ended", "reason", "refused") == 1);
    }

    private RelayServer verifying(URI url) throws IOException {
        return TestRelay.start(folder, false, RelayContext.Timing.DEFAULT, new RelayConfig.Verify(url, null));
    }

    private URI coordinator(int status, String answer, BlockingQueue<String> questions) throws IOException {
        HttpServer server = HttpServer.create(TestRelay.loopback(0), 0);
        server.createContext("/v1/verify", exchange -> {
            try (exchange) {
                String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
                questions.add(exchange.getRequestMethod() + " " + body);
                byte[] bytes = answer.getBytes(StandardCharsets.UTF_8);
                exchange.sendResponseHeaders(status, bytes.length);
                exchange.getResponseBody().write(bytes);
            }
        });
        server.start();
        opened.add(() -> server.stop(0));
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/v1/verify");
    }

    private <T extends AutoCloseable> T opening(T made) {
        opened.add(made);
        return made;
    }
}
