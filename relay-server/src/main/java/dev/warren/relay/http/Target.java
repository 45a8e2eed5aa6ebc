package dev.warren.relay.http;

import dev.warren.protocol.derp.HttpHead;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.regex.Pattern;

/**
 * What a request asks for (RFC 9112 section 3.2).
 *
 * @param path without the query
 * @param query behind the question mark, empty when there is none
 */
record Target(String method, String path, String query) {
    /** A target with scheme and host, as for a proxy; servers have to take it (RFC 9112 section 3.2.2). */
    private static final Pattern ABSOLUTE = Pattern.compile("https?://[^/?]*", Pattern.CASE_INSENSITIVE);

    /** Throws {@link dev.warren.protocol.derp.ProtocolException} when the head has no request line. */
    static Target of(HttpHead request) {
        String[] line = request.requestLine();
        String relative =
                line[1].startsWith("/") ? line[1] : ABSOLUTE.matcher(line[1]).replaceFirst("");
        int mark = relative.indexOf('?');
        String path = mark < 0 ? relative : relative.substring(0, mark);
        return new Target(line[0], path.isEmpty() ? "/" : path, mark < 0 ? "" : relative.substring(mark + 1));
    }

    /** Whether the method only looks. */
    boolean reads() {
        return method.equals("GET") || method.equals("HEAD");
    }

    /** Path and query. */
    String uri() {
        return query.isEmpty() ? path : path + "?" + query;
    }

    /** The value of the query's parameter {@code name}; empty when it is not there or not well encoded. */
    String parameter(String name) {
        return Arrays.stream(query.split("&", -1))
                .filter(pair -> pair.startsWith(name + "="))
                .map(pair -> decoded(pair.substring(name.length() + 1)))
                .findFirst()
                .orElse("");
    }

    private static String decoded(String value) {
        try {
            return URLDecoder.decode(value, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException notEncoded) {
            return "";
        }
    }
}
