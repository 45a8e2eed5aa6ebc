package dev.warren.coordinator.registry;

import dev.warren.protocol.coordination.ErrorCode;
import dev.warren.protocol.coordination.Json;
import dev.warren.protocol.key.IdentityPublicKey;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Join tokens. A secret is {@code ID.RANDOM}; the ID finds the token, and only the hash of the whole is kept. Not
 * thread-safe.
 */
final class Tokens {
    static final String PREFIX = "token/";

    private static final int ID_BYTES = 5;
    private static final int RANDOM_BYTES = 24;
    /** For so long after its end a token is answered with "expired", not "unknown". */
    private static final long REMEMBERED_MILLIS = 7L * 24 * 3600 * 1000;

    private final Map<String, Held> byId = new HashMap<>();

    private record Held(StoredToken token, long revision) {}

    /** A token's answer to a node that wants to join. */
    sealed interface Check {
        /** It may; the write marks the token as used, null for a reusable one. */
        record Good(List<String> tags, @Nullable Write use) implements Check {}

        /** It may not. */
        record Bad(ErrorCode code, String message) implements Check {}
    }

    void apply(String id, @Nullable String value, long revision) {
        if (value == null) {
            byId.remove(id);
        } else {
            byId.put(id, new Held(Json.decodeText(value, StoredToken.class), revision));
        }
    }

    NewToken create(TokenRequest request, long nowUnixMillis, RandomGenerator random) {
        byte[] bytes = new byte[ID_BYTES + RANDOM_BYTES];
        random.nextBytes(bytes);
        String id = HexFormat.of().formatHex(bytes, 0, ID_BYTES);
        byte[] tail = java.util.Arrays.copyOfRange(bytes, ID_BYTES, bytes.length);
        String secret = id + "." + Base64.getUrlEncoder().withoutPadding().encodeToString(tail);
        Long expires = request.expiresUnixMillis();
        StoredToken token = new StoredToken(
                hash(secret),
                request.reusable(),
                expires,
                nowUnixMillis,
                request.tags(),
                request.relay() ? true : null,
                null);
        long ttlMillis = expires == null ? 0 : expires - nowUnixMillis + REMEMBERED_MILLIS;
        return new NewToken(secret, new Write(PREFIX + id, Json.encodeText(token), 0, ttlMillis));
    }

    /** Whether {@code secret} lets {@code identity} in, as a relay or as a node. */
    Check check(String secret, IdentityPublicKey identity, boolean asRelay, long nowUnixMillis) {
        int dot = secret.indexOf('.');
        Held held = dot < 0 ? null : byId.get(secret.substring(0, dot));
        if (held == null || !sameHash(held.token().secretHash(), hash(secret))) {
            return new Check.Bad(
                    ErrorCode.TOKEN_UNKNOWN,
                    "this join token is not known here: make a new one with \"warren coordinator token create\"");
        }
        StoredToken token = held.token();
        if (token.isForRelays() != asRelay) {
            return new Check.Bad(
                    ErrorCode.TOKEN_UNKNOWN,
                    asRelay
                            ? "this join token is for nodes: make one for relays with \"warren coordinator token"
                                    + " create --relay\""
                            : "this join token is for relays: make one for nodes with \"warren coordinator token"
                                    + " create\"");
        }
        if (token.expiresUnixMillis() != null && nowUnixMillis >= token.expiresUnixMillis()) {
            return new Check.Bad(
                    ErrorCode.TOKEN_EXPIRED,
                    "this join token has expired: make a new one with \"warren coordinator token create\"");
        }
        IdentityPublicKey usedBy = token.usedBy();
        if (token.reusable() || (usedBy != null && usedBy.equals(identity))) {
            return new Check.Good(token.tags(), null);
        }
        if (usedBy != null) {
            return new Check.Bad(
                    ErrorCode.TOKEN_USED,
                    "this join token was for one " + (asRelay ? "relay" : "node")
                            + " and has been used: make a new one with"
                            + " \"warren coordinator token create\", or one for many with --reusable");
        }
        String id = secret.substring(0, dot);
        String used = Json.encodeText(token.usedBy(identity));
        long ttlMillis =
                token.expiresUnixMillis() == null ? 0 : token.expiresUnixMillis() - nowUnixMillis + REMEMBERED_MILLIS;
        return new Check.Good(token.tags(), new Write(PREFIX + id, used, held.revision(), ttlMillis));
    }

    /** Whether {@code secret} is a token's that was made at this time or before. */
    boolean isFrom(String secret, long unixMillis) {
        int dot = secret.indexOf('.');
        Held held = dot < 0 ? null : byId.get(secret.substring(0, dot));
        return held != null && held.token().createdUnixMillis() <= unixMillis;
    }

    private static String hash(String secret) {
        try {
            MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
            return HexFormat.of().formatHex(sha256.digest(secret.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException impossible) {
            throw new AssertionError(impossible);
        }
    }

    private static boolean sameHash(String a, String b) {
        return MessageDigest.isEqual(a.getBytes(StandardCharsets.US_ASCII), b.getBytes(StandardCharsets.US_ASCII));
    }
}
