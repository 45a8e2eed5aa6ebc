package dev.warren.relay;

import static dev.warren.relay.TestRelay.await;
import static dev.warren.relay.TestRelay.count;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.warren.platform.config.UserError;
import dev.warren.platform.tls.Pin;
import dev.warren.platform.tls.PinnedTrust;
import dev.warren.protocol.derp.Upgrade;
import dev.warren.relay.client.RelayContext;
import dev.warren.relay.http.HomePage;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a relay with TLS and a plain port shows to the JDK's HTTP client. */
@Timeout(30)
class WebTest {
    @TempDir
    Path folder;

    private RelayServer relay;
    private HttpClient http;

    @BeforeEach
    void start() throws Exception {
        relay = RelayServer.start(config(new RelayConfig.Web(
                HomePage.parse("https://example.com/"), List.of("localhost"), TestRelay.loopback(0))));
        Pin pin = Pin.parse("" + relay.mapEntry().nodes().getFirst().trust().pin());
        http = HttpClient.newBuilder()
                .sslContext(PinnedTrust.clientContext(Set.of(pin)))
                .build();
    }

    @AfterEach
    void stop() {
        http.shutdownNow();
        relay.close();
    }

    @ParameterizedTest
    @CsvSource({
        "GET, /derp/probe, 200",
        "HEAD, /derp/probe, 200",
        "PUT, /derp/probe, 405",
        "GET, /derp/latency-check, 200",
        "GET, /generate_204, 204",
        "GET, /robots.txt, 200",
        "GET, /, 302",
        "GET, /derp, 426",
        "GET, /derp?x, 426",
        "POST, /derp, 426",
        "GET, /nowhere, 404",
        "GET, /.well-known/acme-challenge/x, 404",
    })
    void shouldAnswerOverTls(String method, String path, int status) throws Exception {
        HttpResponse<String> answer = ask(method, "https", relay.port(), path);
        assertEquals(status, answer.statusCode());
        // The client offers HTTP/2, which a relay must not agree to: DERP's upgrade is one of HTTP/1.1.
        assertEquals(HttpClient.Version.HTTP_1_1, answer.version());
        assertTrue(answer.sslSession().isPresent());
    }

    @ParameterizedTest
    @CsvSource({
        "GET, /generate_204, 204",
        "GET, /, 302",
        "HEAD, /derp/probe, 302",
        "GET, /derp, 302",
        "POST, /, 400",
        "GET, /.well-known/acme-challenge/x, 404",
    })
    void shouldAnswerInPlainHttp(String method, String path, int status) throws Exception {
        HttpResponse<String> answer = ask(method, "http", relay.plainPort().orElseThrow(), path);
        assertEquals(status, answer.statusCode());
        if (status == 302) {
            assertEquals(
                    "https://127.0.0.1:" + relay.port() + path,
                    answer.headers().firstValue("Location").orElseThrow());
        }
    }

    @Test
    void shouldSpeakNoDerpOnThePlainPort() throws Exception {
        try (Socket socket =
                new Socket(InetAddress.getLoopbackAddress(), relay.plainPort().orElseThrow())) {
            socket.getOutputStream().write(Upgrade.request("relay", null));
            String line = new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII))
                    .readLine();
            assertEquals("HTTP/1.1 302 Found", line);
        }
        assertEquals(0, count(relay, "warren.relay.admissions"));
    }

    @Test
    void shouldGiveTheAddressesOfNames() throws Exception {
        await("localhost is known", () -> count(relay, "warren.relay.bootstrap.dns.lookups", "result", "found") > 0);
        HttpResponse<String> answer = ask("GET", "https", relay.port(), "/bootstrap-dns?q=localhost");
        assertEquals(
                "application/json", answer.headers().firstValue("Content-Type").orElseThrow());
        assertEquals("close", answer.headers().firstValue("Connection").orElseThrow());
        JsonNode addresses = new ObjectMapper().readTree(answer.body()).get("localhost");
        assertTrue(addresses.isArray() && !addresses.isEmpty(), answer.body());
        assertTrue(InetAddress.ofLiteral(addresses.get(0).asText()).isLoopbackAddress());
    }

    @Test
    void shouldSayWhenThePlainPortIsInUseAndLeaveNothingOpen() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            InetSocketAddress address = TestRelay.loopback(taken.getLocalPort());
            RelayConfig config = config(new RelayConfig.Web(new HomePage.Blank(), List.of("localhost"), address));
            UserError refused = assertThrows(UserError.class, () -> RelayServer.start(config));
            assertTrue(String.valueOf(refused.getMessage()).endsWith("choose another with --http-listen"));
        }
    }

    private RelayConfig config(RelayConfig.Web web) {
        return TestRelay.config(folder, true, RelayContext.Timing.DEFAULT, null).withWeb(web);
    }

    private HttpResponse<String> ask(String method, String scheme, int port, String path)
            throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create(scheme + "://127.0.0.1:" + port + path))
                .method(method, HttpRequest.BodyPublishers.noBody())
                .build();
        return http.send(request, HttpResponse.BodyHandlers.ofString());
    }
}
