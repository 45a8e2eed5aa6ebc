package dev.warren.relay.http;

import dev.warren.protocol.derp.HttpHead;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The site on a plain HTTP port beside the one with TLS: what clients ask behind captive portals, what a certificate
 * authority asks, and the way to TLS for everything else.
 */
public final class PlainSite implements Site {
    private static final String CHALLENGE_PATH = "/.well-known/acme-challenge/";
    private static final int HTTPS = 443;
    /** A host as it may stand in a URL: a name or IPv4 address, or an IPv6 address in brackets. */
    private static final Pattern HOST = Pattern.compile("[A-Za-z0-9._-]+|\\[[0-9A-Fa-f:.]+\\]");

    private final int tlsPort;
    private final AcmeChallenges challenges;

    /** The site beside the TLS port {@code tlsPort}. */
    public PlainSite(int tlsPort, AcmeChallenges challenges) {
        this.tlsPort = tlsPort;
        this.challenges = challenges;
    }

    @Override
    public boolean isRelay() {
        return false;
    }

    @Override
    public Answer answer(HttpHead request, Target target) {
        if (target.path().equals("/generate_204")) {
            return Pages.noContent(request);
        }
        if (target.path().startsWith(CHALLENGE_PATH)) {
            return target.reads() ? challenge(request, target) : Pages.notAllowed(request);
        }
        String host = host(request.field("Host"));
        if (!target.reads() || host == null) {
            return Answer.badRequest(Map.of());
        }
        String port = tlsPort == HTTPS ? "" : ":" + tlsPort;
        Map<String, String> fields = new LinkedHashMap<>();
        fields.put("Location", "https://" + host + port + target.uri());
        return Answer.to(request, 302, fields, "");
    }

    private Answer challenge(HttpHead request, Target target) {
        String answer = challenges.answer(target.path().substring(CHALLENGE_PATH.length()));
        if (answer == null) {
            return Pages.text(request, 404, "There is no such challenge.\n");
        }
        return Answer.to(request, 200, Map.of("Content-Type", "application/octet-stream"), answer);
    }

    /** The host that the client means, without the port; null when it says none. */
    private static @Nullable String host(@Nullable String field) {
        if (field == null) {
            return null;
        }
        int colon = field.lastIndexOf(':');
        String host = colon > field.lastIndexOf(']') ? field.substring(0, colon) : field;
        return HOST.matcher(host).matches() ? host : null;
    }
}
