package dev.warren.relay.admission;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.warren.platform.config.Sentences;
import dev.warren.platform.tls.Pin;
import dev.warren.platform.tls.PinnedTrust;
import dev.warren.protocol.key.NodePublicKey;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks a URL about each client, in the form of derper's {@code --verify-client-url}: POST of
 * {@code {"NodePublic":"nodekey:...","Source":"IP"}}, answered by 200 and {@code {"Allow":true}}. Anything else, and no
 * answer at all, is a no. What has begun to answer and then goes wrong, or on without end, is an answer and no silence.
 */
final class UrlAdmission implements Admission {
    private static final Logger LOG = LoggerFactory.getLogger(UrlAdmission.class);
    private static final ObjectMapper JSON = new ObjectMapper();
    /** derper's limit too; a client gives the relay 10 s for the whole login. */
    private static final Duration TIMEOUT = Duration.ofSeconds(5);
    /** An answer has some 20 bytes; derper reads as much. */
    private static final int MAX_ANSWER_BYTES = 4096;

    private static final int OK = 200;

    private final URI url;
    private final HttpClient http;
    private final Duration timeout;
    /** What was last wrong at the URL, so that it is logged once and not for each client; empty when nothing is. */
    private final AtomicReference<String> trouble = new AtomicReference<>("");

    /** Asks {@code url}; with a pin only the server with that certificate, else any that the machine trusts. */
    UrlAdmission(URI url, @Nullable Pin pin) {
        this(url, pin, TIMEOUT);
    }

    UrlAdmission(URI url, @Nullable Pin pin, Duration timeout) {
        this.url = url;
        this.timeout = timeout;
        HttpClient.Builder builder =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(timeout);
        this.http = (pin == null ? builder : builder.sslContext(PinnedTrust.clientContext(Set.of(pin)))).build();
    }

    @Override
    public CompletableFuture<Verdict> admit(NodePublicKey client, InetAddress source) {
        ObjectNode question = JsonNodeFactory.instance.objectNode();
        question.put("NodePublic", client.toString());
        question.put("Source", source.getHostAddress());
        HttpRequest request = HttpRequest.newBuilder(url)
                .POST(HttpRequest.BodyPublishers.ofString(question.toString()))
                .build();
        AtomicBoolean begun = new AtomicBoolean();
        CompletableFuture<HttpResponse<byte[]>> asked = http.sendAsync(request, head -> {
            begun.set(true);
            return HttpResponse.BodySubscribers.limiting(HttpResponse.BodySubscribers.ofByteArray(), MAX_ANSWER_BYTES);
        });
        // The request's own time limit would end with the answer's head, and who never sends the rest would hold the
        // question for ever.
        return asked.copy().orTimeout(timeout.toMillis(), TimeUnit.MILLISECONDS).handle((answer, failure) -> {
            asked.cancel(true);
            return failure == null ? verdict(answer) : failed(failure, begun.get());
        });
    }

    @Override
    public void close() {
        http.shutdownNow();
    }

    private Verdict verdict(HttpResponse<byte[]> answer) {
        if (answer.statusCode() != OK) {
            return bad(Verdict.BAD_ANSWER, "it answered " + answer.statusCode());
        }
        try {
            JsonNode allow = allow(JSON.readTree(answer.body()));
            if (allow != null && allow.isBoolean()) {
                if (!trouble.getAndSet("").isEmpty()) {
                    LOG.info("{} answers about clients again", url);
                }
                return allow.booleanValue() ? Verdict.ALLOWED : Verdict.DENIED;
            }
        } catch (IOException notJson) {
            LOG.debug("the answer about a client", notJson);
        }
        return bad(Verdict.BAD_ANSWER, "its answer is not {\"Allow\":true} or false");
    }

    /** As Go reads JSON: the name in any case, the last of several. */
    private static @Nullable JsonNode allow(JsonNode answer) {
        JsonNode found = null;
        for (Map.Entry<String, JsonNode> field : answer.properties()) {
            if (field.getKey().equalsIgnoreCase("Allow")) {
                found = field.getValue();
            }
        }
        return found;
    }

    private Verdict failed(Throwable failure, boolean begun) {
        LOG.debug("{}", url, failure);
        if (begun) {
            return bad(Verdict.BAD_ANSWER, "its answer breaks off, or has no end");
        }
        boolean late = failure instanceof TimeoutException;
        return bad(Verdict.UNREACHABLE, late ? "it says nothing" : Sentences.describe(failure));
    }

    private Verdict bad(Verdict verdict, String what) {
        if (!trouble.getAndSet(what).equals(what)) {
            LOG.warn("{} gives no answer about clients: {}", url, what);
        }
        return verdict;
    }
}
