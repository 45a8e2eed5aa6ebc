package dev.warren.platform.acme;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The HTTP-01 challenges that are open now (RFC 8555 section 8.3): the authority asks for {@code
 * /.well-known/acme-challenge/TOKEN} on port 80. There is one for each name of an order, and none between orders. Any
 * thread may call it.
 */
public final class HttpChallenges {
    private final Map<String, String> open = new ConcurrentHashMap<>();

    /** None open. */
    public HttpChallenges() {}

    /** The key authorization for {@code token}, in ASCII; null when that challenge is not open. */
    public @Nullable String answer(String token) {
        return open.get(token);
    }

    void open(String token, String authorization) {
        open.put(token, authorization);
    }

    void close(String token) {
        open.remove(token);
    }
}
