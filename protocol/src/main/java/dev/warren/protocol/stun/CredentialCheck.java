package dev.warren.protocol.stun;

import dev.warren.protocol.stun.StunAttribute.ErrorCode;
import dev.warren.protocol.stun.StunAttribute.Raw;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The server's side of RFC 8489 section 9: whether a request comes from somebody who knows a password, and what to
 * answer if not. Without state but the users; the checks stand in the RFC's order (sections 9.1.3 and 9.2.4).
 */
final class CredentialCheck {
    /** What was found. */
    sealed interface Verdict {}

    /**
     * The sender knows the password.
     *
     * @param key under which the response is sealed too
     * @param sha256 whether with MESSAGE-INTEGRITY-SHA256
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Accepted(byte[] key, boolean sha256) implements Verdict {}

    /**
     * The sender does not.
     *
     * @param error the code of the response
     * @param attributes what it carries behind the code
     */
    record Refused(StunError error, List<StunAttribute> attributes) implements Verdict {
        /** The response to the request with this id. */
        byte[] response(TransactionId id) {
            StunMessage message =
                    StunMessage.of(MessageType.BINDING_ERROR, id, new ErrorCode(error.code(), error.reason()));
            for (StunAttribute attribute : attributes) {
                message = message.with(attribute);
            }
            return StunCodec.encode(message);
        }
    }

    private final StunCredentials credentials;
    private final Map<String, String> userByHash = new HashMap<>();

    CredentialCheck(StunCredentials credentials) {
        this.credentials = credentials;
        if (credentials
                instanceof StunCredentials.LongTerm(String realm, Map<String, String> passwords, StunNonces _)) {
            passwords.keySet().forEach(user -> userByHash.put(hex(StunIntegrity.userHash(user, realm)), user));
        }
    }

    /** Judges a well-formed request from this address and port. */
    Verdict judge(byte[] request, int offset, int length, byte[] address, int port) {
        if (!(StunCodec.decode(request, offset, length) instanceof StunMessage message)) {
            return refused(StunError.BAD_REQUEST);
        }
        Sealed sealed = new Sealed(request, offset, length, message);
        return switch (credentials) {
            case StunCredentials.ShortTerm shortTerm -> shortTerm(shortTerm, sealed);
            case StunCredentials.LongTerm longTerm -> longTerm(longTerm, sealed, address, port);
        };
    }

    private static Verdict shortTerm(StunCredentials.ShortTerm known, Sealed request) {
        String user = request.text(AttributeType.USERNAME);
        if (!request.isSealed() || user == null) {
            return refused(StunError.BAD_REQUEST);
        }
        String password = known.passwords().get(user);
        if (password == null) {
            return refused(StunError.UNAUTHENTICATED);
        }
        byte[] key = StunIntegrity.shortTermKey(password);
        return request.isSealedWith(key) ? new Accepted(key, request.isSha256()) : refused(StunError.UNAUTHENTICATED);
    }

    private Verdict longTerm(StunCredentials.LongTerm known, Sealed request, byte[] address, int port) {
        if (!request.isSealed()) {
            return challenge(StunError.UNAUTHENTICATED, known, address, port);
        }
        byte[] nonce = request.value(AttributeType.NONCE);
        String realm = request.text(AttributeType.REALM);
        boolean named = request.has(AttributeType.USERNAME) || request.has(AttributeType.USERHASH);
        if (nonce == null || realm == null || !named) {
            return refused(StunError.BAD_REQUEST);
        }
        boolean legacy =
                !request.has(AttributeType.PASSWORD_ALGORITHM) && !request.has(AttributeType.PASSWORD_ALGORITHMS);
        PasswordAlgorithm algorithm = legacy ? PasswordAlgorithm.MD5 : chosen(request);
        if (algorithm == null) {
            return refused(StunError.BAD_REQUEST);
        }
        String user = user(request);
        String password = user == null || !realm.equals(known.realm())
                ? null
                : known.passwords().get(user);
        if (user == null || password == null) {
            return challenge(StunError.UNAUTHENTICATED, known, address, port);
        }
        byte[] key = StunIntegrity.longTermKey(algorithm.hash(), user, realm, password);
        if (!request.isSealedWith(key)) {
            return challenge(StunError.UNAUTHENTICATED, known, address, port);
        }
        return known.nonces().isValid(nonce, address, port)
                ? new Accepted(key, !legacy)
                : challenge(StunError.STALE_NONCE, known, address, port);
    }

    /** The algorithm of the request, if it names one that was offered and repeats the whole offer; else null. */
    private static @Nullable PasswordAlgorithm chosen(Sealed request) {
        byte[] one = request.value(AttributeType.PASSWORD_ALGORITHM);
        byte[] offer = request.value(AttributeType.PASSWORD_ALGORITHMS);
        return one == null || offer == null || !Arrays.equals(offer, PasswordAlgorithm.encodeAll())
                ? null
                : PasswordAlgorithm.decode(one);
    }

    private @Nullable String user(Sealed request) {
        byte[] hash = request.value(AttributeType.USERHASH);
        return hash == null ? request.text(AttributeType.USERNAME) : userByHash.get(hex(hash));
    }

    private static Verdict refused(StunError error) {
        return new Refused(error, List.of());
    }

    private static Verdict challenge(StunError error, StunCredentials.LongTerm known, byte[] address, int port) {
        return new Refused(
                error,
                List.of(
                        Raw.of(AttributeType.REALM, known.realm().getBytes(StandardCharsets.UTF_8)),
                        Raw.of(AttributeType.NONCE, known.nonces().make(address, port)),
                        Raw.of(AttributeType.PASSWORD_ALGORITHMS, PasswordAlgorithm.encodeAll())));
    }

    private static String hex(byte[] hash) {
        return HexFormat.of().formatHex(hash);
    }

    /** A request with its bytes. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Sealed(byte[] bytes, int offset, int length, StunMessage message) {
        boolean isSha256() {
            return has(AttributeType.MESSAGE_INTEGRITY_SHA256);
        }

        boolean isSealed() {
            return isSha256() || has(AttributeType.MESSAGE_INTEGRITY);
        }

        /** The better of the two seals decides alone. */
        boolean isSealedWith(byte[] key) {
            return isSha256()
                    ? StunIntegrity.hasIntegritySha256(bytes, offset, length, key)
                    : StunIntegrity.hasIntegrity(bytes, offset, length, key);
        }

        boolean has(AttributeType type) {
            return value(type) != null;
        }

        byte @Nullable [] value(AttributeType type) {
            return message.raw(type);
        }

        @Nullable
        String text(AttributeType type) {
            byte[] value = value(type);
            return value == null ? null : new String(value, StandardCharsets.UTF_8);
        }
    }
}
