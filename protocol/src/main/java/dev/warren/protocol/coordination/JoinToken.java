package dev.warren.protocol.coordination;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * All that a machine needs to join a mesh, as one line: {@code warren1.} and the JSON of this record in base64url.
 *
 * @param mesh which mesh
 * @param urls of its coordinators, {@code https://HOST:PORT}
 * @param pins of their certificates, {@code sha256-raw:<64 hex digits>}: SHA-256 over the leaf's DER
 * @param secret what the coordinator admits
 * @param expiresUnixMillis the first moment at which the coordinator no longer admits it; null = never
 */
public record JoinToken(
        @JsonProperty("m") MeshId mesh,
        @JsonProperty("u") List<URI> urls,
        @JsonProperty("p") List<String> pins,
        @JsonProperty("s") String secret,
        @JsonProperty("x") @Nullable Long expiresUnixMillis) {
    private static final String NAME = "warren";
    private static final String PREFIX = NAME + "1.";
    private static final int MAX_LENGTH = 8192;
    private static final int MAX_ENTRIES = 16;
    private static final int MAX_SECRET = 255;
    private static final Pattern PIN = Pattern.compile("sha256-raw:[0-9a-f]{64}");
    private static final Pattern OTHER_VERSION = Pattern.compile(NAME + "([0-9]{1,9})\\..*", Pattern.DOTALL);

    /** Checks the parts; throws {@link CoordinationFormatException}. */
    public JoinToken {
        urls = Checks.atMost("u", MAX_ENTRIES, urls);
        pins = Checks.atMost("p", MAX_ENTRIES, pins);
        Checks.text("s", MAX_SECRET, secret);
        if (urls.isEmpty() || !urls.stream().allMatch(JoinToken::isCoordinatorUrl)) {
            throw new CoordinationFormatException("a join token has one or more coordinator URLs, https://HOST:PORT");
        }
        if (!pins.stream().allMatch(pin -> PIN.matcher(pin).matches())) {
            throw new CoordinationFormatException("a pin in a join token is sha256-raw: and 64 lower-case hex digits");
        }
        if (secret.isEmpty()) {
            throw new CoordinationFormatException("a join token has a secret");
        }
    }

    /** The one line to give away; it holds the secret. */
    public String encode() {
        return PREFIX + Base64.getUrlEncoder().withoutPadding().encodeToString(Json.encode(this));
    }

    /** Reads the line, with or without space around it; throws {@link CoordinationFormatException}. */
    public static JoinToken decode(String line) {
        String token = line.strip();
        if (token.length() > MAX_LENGTH) {
            throw new CoordinationFormatException("a join token has at most " + MAX_LENGTH + " characters");
        }
        var version = OTHER_VERSION.matcher(token);
        if (!token.startsWith(PREFIX)) {
            throw new CoordinationFormatException(
                    version.matches()
                            ? "the join token is of version " + version.group(1)
                                    + "; this program reads version 1: use programs of the same release on both sides"
                            : "this is not a join token: it is one line that starts with \"" + PREFIX
                                    + "\" (make one with: warren coordinator token create, for a relay with --relay)");
        }
        return decodeBody(token.substring(PREFIX.length()));
    }

    private static JoinToken decodeBody(String body) {
        try {
            byte[] json = Base64.getUrlDecoder().decode(body.getBytes(StandardCharsets.ISO_8859_1));
            return Json.decode(json, JoinToken.class);
        } catch (IllegalArgumentException damaged) {
            throw new CoordinationFormatException(
                    "the join token is damaged: paste the whole line as \"warren coordinator token create\" printed it",
                    damaged);
        }
    }

    private static boolean isCoordinatorUrl(URI url) {
        return "https".equals(url.getScheme()) && url.getHost() != null && url.getRawUserInfo() == null;
    }

    /** Without the secret. */
    @Override
    public String toString() {
        return "JoinToken[mesh=" + mesh + ", urls=" + urls + ", pins=" + pins + "]";
    }
}
