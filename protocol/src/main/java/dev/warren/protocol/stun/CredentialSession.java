package dev.warren.protocol.stun;

import dev.warren.protocol.stun.StunAttribute.ErrorCode;
import dev.warren.protocol.stun.StunAttribute.Raw;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The client's side of RFC 8489 section 9 towards one server: seals requests, and judges whether answers come from
 * somebody who knows the password. Remembers between transactions what the server has said. Name and password are taken
 * as they are: they have been prepared by OpaqueString (RFC 8265) when they have characters beyond ASCII. Not
 * thread-safe.
 */
public final class CredentialSession {
    /** What an answer is worth. */
    enum Judgement {
        /** It is the server's. */
        GENUINE,
        /** The server wants another request, with what it has just said. */
        RETRY,
        /** As if it had never come, but something is wrong with it. */
        FORGED
    }

    private final String user;
    private final String password;
    private final boolean longTerm;
    /** What the server said last; null before it has said anything. */
    private @Nullable Challenge challenge;
    /** Short-term: which of the two seals the server answers with; null before it has answered. */
    private @Nullable Boolean sha256;

    /** What a 401 or 438 brought. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Challenge(byte[] realm, byte[] nonce, byte @Nullable [] algorithms) {
        static @Nullable Challenge of(StunMessage message, byte @Nullable [] realmBefore) {
            byte[] nonce = message.raw(AttributeType.NONCE);
            byte[] realm = message.raw(AttributeType.REALM);
            byte[] algorithms = message.raw(AttributeType.PASSWORD_ALGORITHMS);
            if (realm == null) {
                realm = realmBefore;
            }
            return nonce == null || realm == null || isBidDown(message) || !isUsable(algorithms)
                    ? null
                    : new Challenge(realm, nonce, algorithms);
        }

        private static boolean isUsable(byte @Nullable [] algorithms) {
            return algorithms == null
                    || !PasswordAlgorithm.decodeAll(algorithms).isEmpty();
        }

        PasswordAlgorithm algorithm() {
            return algorithms == null
                    ? PasswordAlgorithm.MD5
                    : PasswordAlgorithm.decodeAll(algorithms).getFirst();
        }

        String realmText() {
            return new String(realm, StandardCharsets.UTF_8);
        }
    }

    private CredentialSession(String user, String password, boolean longTerm) {
        this.user = user;
        this.password = password;
        this.longTerm = longTerm;
    }

    /** With a name and password that were agreed on for this server just now (section 9.1). */
    public static CredentialSession shortTerm(String user, String password) {
        return new CredentialSession(user, password, false);
    }

    /** With a name and password as for a log-in (section 9.2): the first request brings none of them. */
    public static CredentialSession longTerm(String user, String password) {
        return new CredentialSession(user, password, true);
    }

    /** The bytes of {@code request} with as much of the credentials as can be said now, and FINGERPRINT. */
    byte[] seal(StunMessage request) {
        StunMessage sealed = longTerm ? sealLongTerm(request) : sealShortTerm(request);
        return StunCodec.encode(StunIntegrity.withFingerprint(sealed));
    }

    /** Judges an answer to what {@link #seal} made last. */
    Judgement judge(byte[] source, int offset, int length, StunMessage answer) {
        if (!longTerm) {
            return judgeShortTerm(source, offset, length, answer);
        }
        int code = answer.first(ErrorCode.class).map(ErrorCode::code).orElse(0);
        return code == StunError.UNAUTHENTICATED.code() || code == StunError.STALE_NONCE.code()
                ? judgeChallenge(answer, code == StunError.STALE_NONCE.code())
                : judgeLongTerm(source, offset, length, answer, code);
    }

    private StunMessage sealShortTerm(StunMessage request) {
        byte[] key = StunIntegrity.shortTermKey(password);
        StunMessage named = request.with(Raw.of(AttributeType.USERNAME, utf8(user)));
        if (!Boolean.TRUE.equals(sha256)) {
            named = StunIntegrity.withIntegrity(named, key);
        }
        return Boolean.FALSE.equals(sha256) ? named : StunIntegrity.withIntegritySha256(named, key);
    }

    private StunMessage sealLongTerm(StunMessage request) {
        Challenge said = challenge;
        if (said == null) {
            return request;
        }
        Raw name = NonceCookie.offersUsernameAnonymity(said.nonce())
                ? Raw.of(AttributeType.USERHASH, StunIntegrity.userHash(user, said.realmText()))
                : Raw.of(AttributeType.USERNAME, utf8(user));
        StunMessage named = request.with(name)
                .with(Raw.of(AttributeType.REALM, said.realm()))
                .with(Raw.of(AttributeType.NONCE, said.nonce()));
        byte[] algorithms = said.algorithms();
        if (algorithms == null) {
            return StunIntegrity.withIntegrity(named, key(said));
        }
        return StunIntegrity.withIntegritySha256(
                named.with(Raw.of(AttributeType.PASSWORD_ALGORITHMS, algorithms))
                        .with(Raw.of(
                                AttributeType.PASSWORD_ALGORITHM,
                                said.algorithm().encode())),
                key(said));
    }

    private Judgement judgeShortTerm(byte[] source, int offset, int length, StunMessage answer) {
        byte[] key = StunIntegrity.shortTermKey(password);
        boolean strong = answer.raw(AttributeType.MESSAGE_INTEGRITY_SHA256) != null;
        boolean other = sha256 != null && sha256 != strong;
        boolean right = strong
                ? StunIntegrity.hasIntegritySha256(source, offset, length, key)
                : StunIntegrity.hasIntegrity(source, offset, length, key);
        if (other || !right) {
            return Judgement.FORGED;
        }
        sha256 = strong;
        return Judgement.GENUINE;
    }

    /** A 401 is worth another try when it tells of a realm that was not tried; a 438 always. */
    private Judgement judgeChallenge(StunMessage answer, boolean stale) {
        Challenge before = challenge;
        Challenge next = Challenge.of(answer, before == null ? null : before.realm());
        if (next == null || (before != null && !stale && Arrays.equals(before.realm(), next.realm()))) {
            return Judgement.GENUINE;
        }
        challenge = next;
        return Judgement.RETRY;
    }

    private Judgement judgeLongTerm(byte[] source, int offset, int length, StunMessage answer, int code) {
        Challenge said = challenge;
        if (isBidDown(answer)) {
            return Judgement.FORGED;
        }
        if (said == null) {
            return code == StunError.BAD_REQUEST.code() ? Judgement.FORGED : Judgement.GENUINE;
        }
        boolean right = said.algorithms() == null
                ? StunIntegrity.hasIntegrity(source, offset, length, key(said))
                : StunIntegrity.hasIntegritySha256(source, offset, length, key(said));
        return right ? Judgement.GENUINE : Judgement.FORGED;
    }

    private byte[] key(Challenge said) {
        return StunIntegrity.longTermKey(said.algorithm().hash(), user, said.realmText(), password);
    }

    /** Whether somebody has taken the offer of algorithms out (section 9.2.1). */
    private static boolean isBidDown(StunMessage message) {
        byte[] nonce = message.raw(AttributeType.NONCE);
        return nonce != null
                && NonceCookie.offersPasswordAlgorithms(nonce)
                && message.raw(AttributeType.PASSWORD_ALGORITHMS) == null;
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
