package dev.warren.relay.http;

import dev.warren.protocol.derp.HttpHead;
import dev.warren.protocol.derp.Upgrade;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The site on the port where DERP is spoken; the paths are derper's. */
public final class RelaySite implements Site {
    private final HomePage home;
    private final @Nullable BootstrapDns dns;
    private final boolean secure;

    /**
     * The site with this home page.
     *
     * @param dns null when no names are offered
     * @param secure whether it is reached over TLS
     */
    public RelaySite(HomePage home, @Nullable BootstrapDns dns, boolean secure) {
        this.home = home;
        this.dns = dns;
        this.secure = secure;
    }

    @Override
    public boolean isRelay() {
        return true;
    }

    @Override
    public Answer answer(HttpHead request, Target target) {
        return switch (target.path()) {
            case Upgrade.PATH -> needsUpgrade(request);
            case "/derp/probe", "/derp/latency-check" -> target.reads() ? probe(request) : Pages.notAllowed(request);
            case "/generate_204" -> Pages.noContent(request);
            case "/bootstrap-dns" -> target.reads() ? addresses(request, target) : Pages.notAllowed(request);
            case "/robots.txt" -> target.reads() ? robots(request) : Pages.notAllowed(request);
            case "/" -> target.reads() ? home(request) : Pages.notAllowed(request);
            default -> Pages.text(request, 404, "There is nothing here.\n");
        };
    }

    private static Answer needsUpgrade(HttpHead request) {
        Map<String, String> fields = new LinkedHashMap<>();
        fields.put("Content-Type", "text/plain; charset=utf-8");
        fields.put("Upgrade", "DERP");
        return Answer.to(request, 426, fields, "This is a relay: it speaks DERP after an upgrade.\n");
    }

    /** For clients in browsers, which may read it from any page, and for those whose STUN is blocked. */
    private static Answer probe(HttpHead request) {
        return Answer.to(request, 200, Map.of("Access-Control-Allow-Origin", "*"), "");
    }

    private Answer addresses(HttpHead request, Target target) {
        Map<String, String> fields = new LinkedHashMap<>();
        fields.put("Content-Type", "application/json");
        // Who asks this asks once: a connection that is kept costs and helps nobody.
        fields.put("Connection", "close");
        String json = dns == null ? BootstrapDns.NO_NAMES : dns.answer(target.parameter("q"));
        return Answer.to(request, 200, fields, json);
    }

    private Answer robots(HttpHead request) {
        Map<String, String> fields = browserFields();
        fields.put("Content-Type", "text/plain; charset=utf-8");
        return Answer.to(request, 200, fields, "User-agent: *\nDisallow: /\n");
    }

    private Answer home(HttpHead request) {
        Map<String, String> fields = browserFields();
        if (home instanceof HomePage.Elsewhere elsewhere) {
            fields.put("Location", elsewhere.uri().toString());
            return Answer.to(request, 302, fields, "");
        }
        fields.put("Content-Type", "text/html; charset=utf-8");
        return Answer.to(request, 200, fields, home instanceof HomePage.Words ? Pages.WORDS : "");
    }

    /** What a browser may do with a page, as derper says it: nothing. */
    private Map<String, String> browserFields() {
        Map<String, String> fields = new LinkedHashMap<>();
        if (secure) {
            // Over plain HTTP it must not stand there (RFC 6797 section 7.2). Other hosts of the domain are not ours.
            fields.put("Strict-Transport-Security", "max-age=63072000");
        }
        fields.put(
                "Content-Security-Policy",
                "default-src 'none'; frame-ancestors 'none'; form-action 'none'; base-uri 'none'");
        fields.put("X-Frame-Options", "DENY");
        fields.put("X-Content-Type-Options", "nosniff");
        return fields;
    }
}
