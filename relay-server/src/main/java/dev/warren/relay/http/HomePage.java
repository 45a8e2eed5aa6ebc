package dev.warren.relay.http;

import java.net.URI;

/** What a relay shows at {@code /}. */
public sealed interface HomePage {
    /** An empty page, which does not tell a scanner what runs here. */
    record Blank() implements HomePage {}

    /** A page that says what this is. */
    record Words() implements HomePage {}

    /** Another page; the browser goes there. */
    record Elsewhere(URI uri) implements HomePage {}

    /** Reads derper's form: "blank", nothing, or a URL; throws IllegalArgumentException with a sentence. */
    static HomePage parse(String text) {
        if (text.isEmpty()) {
            return new Words();
        }
        if (text.equals("blank")) {
            return new Blank();
        }
        URI uri = URI.create(text);
        String scheme = uri.getScheme();
        if (uri.getHost() == null || !("https".equals(scheme) || "http".equals(scheme)) || !isAscii(text)) {
            throw new IllegalArgumentException(
                    "\"" + text + "\" is neither \"blank\" nor a URL that starts with https:// or http://");
        }
        return new Elsewhere(uri);
    }

    private static boolean isAscii(String text) {
        return text.chars().allMatch(c -> c > ' ' && c < 0x7f);
    }
}
