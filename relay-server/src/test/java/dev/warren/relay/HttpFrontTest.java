package dev.warren.relay;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** HTTP on the relay's port, and the operators' listener. */
@Timeout(30)
class HttpFrontTest {
    @TempDir
    Path folder;

    private RelayServer relay;

    @BeforeEach
    void start() throws Exception {
        relay = TestRelay.plain(folder);
    }

    @AfterEach
    void stop() {
        relay.close();
    }

    @Test
    void shouldAnswerSeveralRequestsOnOneConnection() throws Exception {
        String requests = String.join(
                "\r\n",
                "GET /derp/probe?x=1 HTTP/1.1",
                "",
                "GET /nowhere HTTP/1.1",
                "",
                "GET /generate_204 HTTP/1.1",
                "Connection: close",
                "",
                "");
        String[] answers = exchange(requests).split("(?=HTTP/1.1 )", -1);
        assertEquals(3, answers.length);
        assertTrue(answers[0].startsWith("HTTP/1.1 200"));
        assertTrue(answers[1].startsWith("HTTP/1.1 404"));
        assertTrue(answers[2].startsWith("HTTP/1.1 204"));
        assertEquals(1, TestRelay.count(relay, "warren.relay.http.answers", "status", "404"));
        assertEquals(1, TestRelay.count(relay, "warren.relay.accepts"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "nonsense\r\n\r\n",
                "GET / HTTP/1.1\r\nA : b\r\n\r\n",
                "POST /derp/probe HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello",
                "GET /derp/probe HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            })
    void shouldRefuseWhatItCannotRead(String request) throws Exception {
        assertTrue(exchange(request).startsWith("HTTP/1.1 400 Bad Request\r\n"));
    }

    @Test
    void shouldRefuseAHeadWithoutEnd() throws Exception {
        assertTrue(exchange("GET / HTTP/1.1\r\nA: " + "b".repeat(20_000)).startsWith("HTTP/1.1 400 "));
    }

    @ParameterizedTest
    @ValueSource(strings = {"Upgrade: h2c", "Connection: upgrade"})
    void shouldRefuseOtherUpgrades(String fields) throws Exception {
        String answer = exchange("GET /derp HTTP/1.1\r\n" + fields + "\r\n\r\nGET / HTTP/1.0\r\n\r\n");
        assertTrue(answer.startsWith("HTTP/1.1 426 Upgrade Required\r\n"), answer);
    }

    @Test
    void shouldShowHealthAndMetricsToOperators() throws Exception {
        assertEquals("ok\n", ops("/healthz"));
        assertEquals("ready\n", ops("/readyz"));
        TestClient client = TestClient.connect(relay.port());
        String metrics = ops("/metrics");
        client.close();
        assertTrue(metrics.contains("warren_relay_clients 1.0"), metrics);
        assertTrue(metrics.contains("warren_relay_dropped_total{kind=\"disco\",reason=\"queue_head\"}"), metrics);
    }

    private String ops(String path) throws Exception {
        URI uri = URI.create("http://127.0.0.1:" + relay.opsPort().orElseThrow() + path);
        try (HttpClient http = HttpClient.newHttpClient()) {
            return http.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString())
                    .body();
        }
    }

    /** Everything that comes until the relay ends the connection. */
    private String exchange(String request) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), relay.port())) {
            socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
        }
    }
}
