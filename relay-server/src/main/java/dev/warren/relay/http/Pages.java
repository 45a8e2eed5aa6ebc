package dev.warren.relay.http;

import dev.warren.protocol.derp.HttpHead;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;

/** Answers that several sites give. */
final class Pages {
    static final String WORDS =
            """
            <!doctype html>
            <html lang="en"><title>Relay</title>
            <p>This is a relay: it forwards sealed packets between machines that cannot reach each other.</p></html>
            """;
    /** What captive-portal checks may ask to have echoed (derper {@code serveNoContent}). */
    private static final Pattern CHALLENGE = Pattern.compile("[A-Za-z0-9._:-]{1,64}");

    private Pages() {}

    /**
     * Whoever stands between client and relay would answer something else; the echo shows that it is not a cache. Any
     * method gets it, as at derper.
     */
    static Answer noContent(HttpHead request) {
        Map<String, String> fields = new LinkedHashMap<>();
        fields.put("Cache-Control", "no-cache, no-store, must-revalidate, no-transform, max-age=0");
        String challenge = request.field("X-Tailscale-Challenge");
        if (challenge != null && CHALLENGE.matcher(challenge).matches()) {
            fields.put("X-Tailscale-Response", "response " + challenge);
        }
        return Answer.to(request, 204, fields, "");
    }

    static Answer notAllowed(HttpHead request) {
        return Answer.to(request, 405, Map.of("Allow", "GET, HEAD"), "");
    }

    static Answer text(HttpHead request, int status, String body) {
        return Answer.to(request, status, Map.of("Content-Type", "text/plain; charset=utf-8"), body);
    }
}
