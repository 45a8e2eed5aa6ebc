package dev.warren.platform.coordination;

import dev.warren.platform.tls.Pin;
import dev.warren.platform.tls.PinnedTrust;
import dev.warren.protocol.coordination.CoordinationFormatException;
import dev.warren.protocol.coordination.ErrorAnswer;
import dev.warren.protocol.coordination.ErrorCode;
import dev.warren.protocol.coordination.Json;
import dev.warren.protocol.coordination.MeshId;
import dev.warren.protocol.coordination.NonceAnswer;
import dev.warren.protocol.coordination.RequestSignature;
import dev.warren.protocol.coordination.SignedRequest;
import dev.warren.protocol.key.IdentityPrivateKey;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.security.cert.CertificateException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * Signed requests to a coordinator over pinned TLS. Keeps the nonce of each answer for the next request, and the URL
 * that answered last. Every failure is an IOException whose message is one sentence. May be used by several threads.
 */
public final class CoordinatorHttp implements AutoCloseable {
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);
    private static final long ANSWER_SECONDS = 15;
    private static final int MAX_ANSWER_BYTES = 16 * 1024 * 1024;
    private static final int OK = 200;
    private static final BodyHandler<byte[]> WHOLE =
            BodyHandlers.limiting(BodyHandlers.ofByteArray(), MAX_ANSWER_BYTES);

    private final MeshId mesh;
    private final List<URI> urls;
    private final IdentityPrivateKey identity;
    private final HttpClient client;
    private final AtomicReference<@Nullable String> nonce = new AtomicReference<>();
    private volatile int current;

    /**
     * Requests by {@code identity}.
     *
     * @param mesh which mesh they are for
     * @param urls of its coordinators, in the order in which they are tried
     * @param pins of their certificates, in text form
     */
    public CoordinatorHttp(MeshId mesh, List<URI> urls, List<String> pins, IdentityPrivateKey identity) {
        this.mesh = mesh;
        this.urls = List.copyOf(urls);
        this.identity = identity;
        this.client = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(CONNECT_TIMEOUT)
                .sslContext(
                        PinnedTrust.clientContext(pins.stream().map(Pin::parse).collect(Collectors.toSet())))
                .build();
    }

    /** The coordinator that answered last, or the first. */
    public URI url() {
        return urls.get(current);
    }

    /** Sends {@code message} and reads the answer. */
    public <T> T post(String path, Record message, Class<T> type) throws IOException, InterruptedException {
        byte[] body = Json.encode(message);
        return Json.decode(signed("POST", path, body, WHOLE), type);
    }

    /** Opens a stream of lines; the caller closes it. */
    public InputStream stream(String path) throws IOException, InterruptedException {
        return signed("GET", path, new byte[0], BodyHandlers.ofInputStream());
    }

    @Override
    public void close() {
        client.shutdownNow();
    }

    private <B> B signed(String method, String path, byte[] body, BodyHandler<B> handler)
            throws IOException, InterruptedException {
        String held = nonce.getAndSet(null);
        try {
            return once(new SignedRequest(method, path, body, held == null ? freshNonce() : held), handler);
        } catch (RefusedByCoordinator refused) {
            if (refused.answer().error() != ErrorCode.BAD_NONCE) {
                throw refused;
            }
            return once(new SignedRequest(method, path, body, freshNonce()), handler);
        }
    }

    private <B> B once(SignedRequest request, BodyHandler<B> handler) throws IOException, InterruptedException {
        BodyPublisher publisher =
                request.body().length == 0 ? BodyPublishers.noBody() : BodyPublishers.ofByteArray(request.body());
        HttpRequest.Builder builder = HttpRequest.newBuilder()
                .header(RequestSignature.IDENTITY_HEADER, identity.publicKey().toString())
                .header(RequestSignature.NONCE_HEADER, request.nonce())
                .header(RequestSignature.SIGNATURE_HEADER, RequestSignature.sign(identity, mesh, request))
                .method(request.method(), publisher);
        return send(builder, request.path(), handler);
    }

    private String freshNonce() throws IOException, InterruptedException {
        return Json.decode(send(HttpRequest.newBuilder(), "/v1/nonce", WHOLE), NonceAnswer.class)
                .nonce();
    }

    /** Tries the coordinators in turn, beginning with the one that answered last; gives the body of a good answer. */
    private <B> B send(HttpRequest.Builder builder, String path, BodyHandler<B> handler)
            throws IOException, InterruptedException {
        IOException failure = new IOException("no coordinator is known: join with a token");
        int count = urls.size();
        int first = current;
        for (int i = 0; i < count; i++) {
            int index = (first + i) % count;
            URI url = urls.get(index);
            try {
                HttpResponse<B> answer = exchange(builder.uri(url.resolve(path)).build(), handler);
                current = index;
                answer.headers().firstValue(RequestSignature.NONCE_HEADER).ifPresent(nonce::set);
                if (answer.statusCode() == OK) {
                    return answer.body();
                }
                throw refusal(url, answer);
            } catch (RefusedByCoordinator refused) {
                throw refused;
            } catch (IOException unreachable) {
                failure = sentence(url, unreachable);
            }
        }
        throw failure;
    }

    /** One request; the time covers the body too, unless the handler gives a stream. */
    private <B> HttpResponse<B> exchange(HttpRequest request, BodyHandler<B> handler)
            throws IOException, InterruptedException {
        CompletableFuture<HttpResponse<B>> answer = client.sendAsync(request, handler);
        try {
            return answer.get(ANSWER_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException failure) {
            Throwable cause = failure.getCause();
            throw cause instanceof IOException known ? known : new IOException(String.valueOf(cause), cause);
        } catch (TimeoutException late) {
            throw new HttpTimeoutException("no answer within " + ANSWER_SECONDS + " s");
        } finally {
            answer.cancel(true);
        }
    }

    private static IOException refusal(URI url, HttpResponse<?> answer) throws IOException {
        byte[] body = answer.body() instanceof InputStream stream
                ? firstBytes(stream)
                : answer.body() instanceof byte[] whole ? whole : new byte[0];
        try {
            return new RefusedByCoordinator(Json.decode(body, ErrorAnswer.class));
        } catch (CoordinationFormatException notOurs) {
            return new NotACoordinator("what answers at " + url + " is no Warren coordinator (HTTP status "
                    + answer.statusCode() + "): check the address in the token");
        }
    }

    private static byte[] firstBytes(InputStream stream) throws IOException {
        try (stream) {
            return stream.readNBytes(MAX_ANSWER_BYTES);
        }
    }

    /** An answer came, but not from a coordinator. The message is a whole sentence already. */
    private static final class NotACoordinator extends IOException {
        private static final long serialVersionUID = 1;

        NotACoordinator(String message) {
            super(message);
        }
    }

    private static IOException sentence(URI url, IOException failure) {
        return new IOException(reason(url, failure), failure);
    }

    private static String reason(URI url, IOException failure) {
        if (failure instanceof NotACoordinator) {
            return String.valueOf(failure.getMessage());
        }
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof CertificateException) {
                return "the coordinator's certificate is not the one in the token (" + url
                        + "): get a new token, or find out who answers at that address";
            }
            if (cause instanceof UnresolvedAddressException) {
                return "the coordinator's host " + url.getHost() + " is unknown: check the name and this machine's DNS";
            }
        }
        if (failure instanceof SSLException) {
            return "what answers at " + url + " does not speak TLS as a coordinator does (" + failure.getMessage()
                    + "): check the address in the token";
        }
        String how = failure instanceof HttpTimeoutException
                ? "no answer"
                : failure instanceof ConnectException ? "connection refused or no way there" : failure.getMessage();
        return "the coordinator at " + url + " cannot be reached (" + how
                + "): check that it runs and that this machine can reach it";
    }
}
