package dev.warren.relay;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Answers derper's question as the test wants it: yes at first. */
final class VerifyServer implements AutoCloseable {
    private record Answer(int status, String body) {}

    private final AtomicInteger questions = new AtomicInteger();
    private volatile Answer answer = new Answer(200, "{\"Allow\":true}");
    private @Nullable HttpServer server;

    void start(int port) throws IOException {
        HttpServer made = HttpServer.create(TestRelay.loopback(port), 0);
        made.createContext("/verify", exchange -> {
            try (exchange) {
                exchange.getRequestBody().readAllBytes();
                questions.incrementAndGet();
                Answer now = answer;
                byte[] bytes = now.body().getBytes(StandardCharsets.UTF_8);
                exchange.sendResponseHeaders(now.status(), bytes.length);
                exchange.getResponseBody().write(bytes);
            }
        });
        made.start();
        server = made;
    }

    void answer(int status, String body) {
        answer = new Answer(status, body);
    }

    int questions() {
        return questions.get();
    }

    int port() {
        return Objects.requireNonNull(server).getAddress().getPort();
    }

    URI url() {
        return URI.create("http://127.0.0.1:" + port() + "/verify");
    }

    @Override
    public void close() {
        Objects.requireNonNull(server).stop(0);
    }
}
