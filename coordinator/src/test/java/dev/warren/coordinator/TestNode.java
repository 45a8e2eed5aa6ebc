package dev.warren.coordinator;

import dev.warren.platform.tls.Pin;
import dev.warren.platform.tls.PinnedTrust;
import dev.warren.protocol.coordination.AddressText;
import dev.warren.protocol.coordination.JoinToken;
import dev.warren.protocol.coordination.Json;
import dev.warren.protocol.coordination.NodeStatement;
import dev.warren.protocol.coordination.NonceAnswer;
import dev.warren.protocol.coordination.RegisterRequest;
import dev.warren.protocol.coordination.RequestSignature;
import dev.warren.protocol.coordination.SignedNodeRecord;
import dev.warren.protocol.coordination.SignedRequest;
import dev.warren.protocol.coordination.UpdateRequest;
import dev.warren.protocol.coordination.WatchFrame;
import dev.warren.protocol.key.DiscoPrivateKey;
import dev.warren.protocol.key.IdentityPrivateKey;
import dev.warren.protocol.key.NodePrivateKey;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A node that speaks to a coordinator by hand, request by request. */
final class TestNode implements AutoCloseable {
    private static final SecureRandom RANDOM = new SecureRandom();

    final IdentityPrivateKey identity = IdentityPrivateKey.generate(RANDOM);
    final NodePrivateKey nodeKey;
    final JoinToken token;
    final HttpClient http;
    long sequence = 1;
    List<String> endpoints = List.of("192.0.2.1:1000");
    int homeRegion = 900;

    private final DiscoPrivateKey discoKey = DiscoPrivateKey.generate(RANDOM);

    TestNode(String tokenLine) {
        this(tokenLine, NodePrivateKey.generate(RANDOM));
    }

    TestNode(String tokenLine, NodePrivateKey nodeKey) {
        this.token = JoinToken.decode(tokenLine);
        this.nodeKey = nodeKey;
        this.http = client(token);
    }

    static HttpClient client(JoinToken token) {
        return HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .sslContext(
                        PinnedTrust.clientContext(Set.of(Pin.parse(token.pins().getFirst()))))
                .build();
    }

    /** An answer: its status, its body, its nonce, and the methods that are allowed. */
    record Answer(int status, String body, String nonce, String allow) {
        <T> T as(Class<T> type) {
            return Json.decodeText(body, type);
        }
    }

    SignedNodeRecord record() {
        return SignedNodeRecord.sign(
                NodeStatement.of(
                        token.mesh(),
                        identity.publicKey(),
                        sequence,
                        nodeKey.publicKey(),
                        discoKey.publicKey(),
                        endpoints.stream().map(AddressText::parseEndpoint).toList(),
                        homeRegion),
                identity);
    }

    RegisterRequest registerRequest(String hostName) {
        return new RegisterRequest(1, List.of(), hostName, "test 1", record(), token.secret());
    }

    Answer register(String hostName) {
        return signed("POST", "/v1/register", Json.encode(registerRequest(hostName)), nonce());
    }

    Answer update(UpdateRequest request) {
        return signed("POST", "/v1/update", Json.encode(request), nonce());
    }

    String nonce() {
        return send(request("/v1/nonce").GET().build()).as(NonceAnswer.class).nonce();
    }

    Answer signed(String method, String path, byte[] body, String nonce) {
        String signature = RequestSignature.sign(identity, token.mesh(), new SignedRequest(method, path, body, nonce));
        return signed(method, path, body, nonce, signature);
    }

    Answer signed(String method, String path, byte[] body, String nonce, String signature) {
        return send(headers(request(path), nonce, signature)
                .method(method, HttpRequest.BodyPublishers.ofByteArray(body))
                .build());
    }

    Answer post(String path, String body) {
        return send(
                request(path).POST(HttpRequest.BodyPublishers.ofString(body)).build());
    }

    /** Without a body. */
    Answer ask(String method, String path) {
        return send(request(path)
                .method(method, HttpRequest.BodyPublishers.noBody())
                .build());
    }

    /** Opens a watch; its frames come in the queue. */
    Watch watch(long revision) {
        String path = "/v1/watch?revision=" + revision;
        String nonce = nonce();
        String signature =
                RequestSignature.sign(identity, token.mesh(), new SignedRequest("GET", path, new byte[0], nonce));
        try {
            HttpResponse<InputStream> answer = http.send(
                    headers(request(path), nonce, signature).GET().build(), HttpResponse.BodyHandlers.ofInputStream());
            if (answer.statusCode() != 200) {
                throw new AssertionError(new String(answer.body().readAllBytes(), StandardCharsets.UTF_8));
            }
            return new Watch(answer.body());
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        } catch (InterruptedException interrupted) {
            throw new AssertionError(interrupted);
        }
    }

    /** An open watch stream. */
    static final class Watch implements AutoCloseable {
        private final InputStream stream;
        private final BlockingQueue<WatchFrame> frames = new LinkedBlockingQueue<>();

        Watch(InputStream stream) {
            this.stream = stream;
            Thread.ofVirtual().start(this::read);
        }

        WatchFrame next() throws InterruptedException {
            WatchFrame frame = frames.poll(10, TimeUnit.SECONDS);
            if (frame == null) {
                throw new AssertionError("no frame within 10 s");
            }
            return frame;
        }

        private void read() {
            try (var reader =
                    new java.io.BufferedReader(new java.io.InputStreamReader(stream, StandardCharsets.UTF_8))) {
                for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                    frames.add(Json.decodeText(line, WatchFrame.class));
                }
            } catch (IOException closed) {
                // the test closed it, or the coordinator
            }
        }

        @Override
        public void close() {
            try {
                stream.close();
            } catch (IOException alreadyGone) {
                // that is what was wanted
            }
        }
    }

    @Override
    public void close() {
        http.shutdownNow();
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create(token.urls().getFirst() + path));
    }

    private HttpRequest.Builder headers(HttpRequest.Builder builder, String nonce, String signature) {
        return builder.header(
                        RequestSignature.IDENTITY_HEADER, identity.publicKey().toString())
                .header(RequestSignature.NONCE_HEADER, nonce)
                .header(RequestSignature.SIGNATURE_HEADER, signature);
    }

    private Answer send(HttpRequest request) {
        try {
            HttpResponse<String> answer = http.send(request, HttpResponse.BodyHandlers.ofString());
            String nonce =
                    answer.headers().firstValue(RequestSignature.NONCE_HEADER).orElse("");
            String allow = answer.headers().firstValue("allow").orElse("");
            return new Answer(answer.statusCode(), answer.body(), nonce, allow);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        } catch (InterruptedException interrupted) {
            throw new AssertionError(interrupted);
        }
    }
}
