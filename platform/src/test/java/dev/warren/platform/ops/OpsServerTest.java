package dev.warren.platform.ops;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.platform.config.HostPort;
import dev.warren.platform.config.UserError;
import dev.warren.platform.ops.OpsPage.Content;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
final class OpsServerTest {
    private final PrometheusMeterRegistry registry = Metrics.registry();
    private final AtomicReference<Optional<String>> notReady = new AtomicReference<>(Optional.empty());
    private final OpsServer server = OpsServer.start(
            OpsServer.listenAddress(HostPort.parse(":0")),
            new OpsServer.Sources(
                    registry,
                    notReady::get,
                    Map.of(
                            "/state",
                            () -> Content.of(200, "application/json", "{}".getBytes(StandardCharsets.UTF_8)),
                            "/broken",
                            () -> {
                                throw new IllegalStateException("broken on purpose");
                            })));
    private final HttpClient http = HttpClient.newHttpClient();

    @AfterEach
    void close() {
        server.close();
        http.close();
        registry.close();
    }

    @Test
    void shouldListenOnLoopbackWithoutAHost() {
        assertTrue(server.address().getAddress().isLoopbackAddress());
        assertNotEquals(0, server.port());
    }

    @Test
    void shouldShowCountersInPrometheusForm() throws Exception {
        registry.counter("warren.test.things", "kind", "good").increment(3);
        HttpResponse<String> response = get("/metrics");
        assertEquals(200, response.statusCode());
        assertTrue(response.body().contains("warren_test_things_total{kind=\"good\"} 3.0"), response.body());
        assertTrue(response.body().contains("jvm_memory_used_bytes"), response.body());
        assertTrue(response.headers().firstValue("content-type").orElse("").startsWith("text/plain; version=0.0.4"));
    }

    @Test
    void shouldBeHealthyWhileItRuns() throws Exception {
        assertEquals("200 ok\n", statusAndBody("/healthz"));
    }

    @Test
    void shouldSayWhyItIsNotReady() throws Exception {
        assertEquals("200 ready\n", statusAndBody("/readyz"));
        notReady.set(Optional.of("the coordinator cannot be reached"));
        assertEquals("503 the coordinator cannot be reached\n", statusAndBody("/readyz?verbose"));
    }

    @Test
    void shouldShowPagesOfTheProgram() throws Exception {
        assertEquals("200 {}", statusAndBody("/state"));
        assertEquals("500 this page failed; the log says why\n", statusAndBody("/broken"));
    }

    @Test
    void shouldNameWhatThereIsForUnknownPaths() throws Exception {
        assertEquals(
                "404 there is nothing here; try /broken, /healthz, /metrics, /readyz, /state\n",
                statusAndBody("/unknown"));
    }

    @Test
    void shouldAnswerHeadWithoutABodyAndRefuseOtherMethods() throws Exception {
        HttpResponse<String> head = send(request("/healthz").HEAD());
        assertEquals(200, head.statusCode());
        assertEquals("", head.body());
        assertEquals("3", head.headers().firstValue("content-length").orElse(""));
        HttpResponse<String> post = send(request("/healthz").POST(BodyPublishers.ofString("x")));
        assertEquals(405, post.statusCode());
        assertEquals("GET, HEAD", post.headers().firstValue("allow").orElse(""));
    }

    @Test
    void shouldAnswerHostileBytesWith400AndHangUp() throws Exception {
        try (Socket socket = new Socket(server.address().getAddress(), server.port())) {
            socket.getOutputStream().write("\u0000\u0001\u0002 nonsense\r\n\r\n".getBytes(StandardCharsets.ISO_8859_1));
            String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
            assertTrue(answer.startsWith("HTTP/1.1 400 "), answer);
        }
        assertEquals(200, get("/healthz").statusCode());
    }

    @Test
    void shouldRefuseAHugeBody() throws Exception {
        HttpResponse<String> response = send(request("/healthz").POST(BodyPublishers.ofString("x".repeat(5000))));
        assertEquals(413, response.statusCode());
    }

    @Test
    void shouldSayWhenThePortIsTaken() {
        UserError failure = assertThrows(
                UserError.class,
                () -> OpsServer.start(server.address(), new OpsServer.Sources(registry, Optional::empty, Map.of())));
        assertEquals(
                "127.0.0.1:" + server.port() + " is already in use: stop the program that listens there,"
                        + " or choose another with --ops-listen",
                failure.getMessage());
    }

    @Test
    void shouldRefuseAPathWithoutASlash() {
        assertThrows(
                IllegalArgumentException.class,
                () -> new OpsServer.Sources(registry, Optional::empty, Map.of("x", () -> Content.text(200, ""))));
    }

    @Test
    void shouldFreeThePortWhenClosed() {
        InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), server.port());
        server.close();
        assertThrows(ConnectException.class, () -> {
            try (Socket socket = new Socket()) {
                socket.connect(address);
            }
        });
    }

    private String statusAndBody(String path) throws Exception {
        HttpResponse<String> response = get(path);
        return response.statusCode() + " " + response.body();
    }

    private HttpResponse<String> get(String path) throws Exception {
        return send(request(path).GET());
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + path));
    }

    private HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
        return http.send(request.build(), BodyHandlers.ofString());
    }
}
