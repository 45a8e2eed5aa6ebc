package dev.warren.protocol.stun;

import dev.warren.protocol.stun.StunAttribute.Fingerprint;
import dev.warren.protocol.stun.StunAttribute.Raw;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.zip.CRC32;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * The attributes that are computed from the bytes in front of them: MESSAGE-INTEGRITY, MESSAGE-INTEGRITY-SHA256 and
 * FINGERPRINT (RFC 8489 sections 14.5 to 14.7). Each is computed as if it were the last one.
 */
public final class StunIntegrity {
    /** Bytes of the whole attribute. */
    static final int FINGERPRINT_LENGTH = StunCodec.ATTRIBUTE_HEADER_LENGTH + Integer.BYTES;

    private static final int FINGERPRINT_MASK = 0x5354554e;
    private static final int SHA1_LENGTH = 20;
    private static final int SHA256_LENGTH = 32;
    /** A truncated HMAC-SHA256 keeps at least this (section 14.6). */
    private static final int MIN_SHA256_LENGTH = 16;

    private StunIntegrity() {}

    /** {@code message} with FINGERPRINT at its end. */
    public static StunMessage withFingerprint(StunMessage message) {
        byte[] bytes = StunCodec.encode(message);
        Bytes.putU16(bytes, 2, bytes.length - StunCodec.HEADER_LENGTH + FINGERPRINT_LENGTH);
        return message.with(new Fingerprint(fingerprint(bytes, 0, bytes.length, new CRC32())));
    }

    /** {@code message} with MESSAGE-INTEGRITY under {@code key} at its end. */
    public static StunMessage withIntegrity(StunMessage message, byte[] key) {
        return with(message, AttributeType.MESSAGE_INTEGRITY, "HmacSHA1", SHA1_LENGTH, key);
    }

    /** {@code message} with MESSAGE-INTEGRITY-SHA256 under {@code key} at its end, not truncated. */
    public static StunMessage withIntegritySha256(StunMessage message, byte[] key) {
        return with(message, AttributeType.MESSAGE_INTEGRITY_SHA256, "HmacSHA256", SHA256_LENGTH, key);
    }

    /** Whether the message ends with the right FINGERPRINT. */
    public static boolean hasFingerprint(byte[] source, int offset, int length) {
        return hasFingerprint(source, offset, length, new CRC32());
    }

    /** The same with a CRC that is there already. */
    static boolean hasFingerprint(byte[] source, int offset, int length, CRC32 crc) {
        int at = offset + length - FINGERPRINT_LENGTH;
        return length >= StunCodec.HEADER_LENGTH + FINGERPRINT_LENGTH
                && Bytes.u16(source, at) == AttributeType.FINGERPRINT.code()
                && Bytes.u16(source, at + 2) == Integer.BYTES
                && Bytes.i32(source, at + StunCodec.ATTRIBUTE_HEADER_LENGTH)
                        == fingerprint(source, offset, length - FINGERPRINT_LENGTH, crc);
    }

    /** Whether the message has a MESSAGE-INTEGRITY, and it is the one that {@code key} gives. */
    public static boolean hasIntegrity(byte[] source, int offset, int length, byte[] key) {
        AttributeCursor found = find(AttributeType.MESSAGE_INTEGRITY, source, offset, length);
        return found.type() == AttributeType.MESSAGE_INTEGRITY.code()
                && found.length() == SHA1_LENGTH
                && matches(found, "HmacSHA1", source, offset, key);
    }

    /** Whether the message has a MESSAGE-INTEGRITY-SHA256, and it is the one that {@code key} gives. */
    public static boolean hasIntegritySha256(byte[] source, int offset, int length, byte[] key) {
        AttributeCursor found = find(AttributeType.MESSAGE_INTEGRITY_SHA256, source, offset, length);
        int size = found.length();
        return found.type() == AttributeType.MESSAGE_INTEGRITY_SHA256.code()
                && size >= MIN_SHA256_LENGTH
                && size <= SHA256_LENGTH
                && size % 4 == 0
                && matches(found, "HmacSHA256", source, offset, key);
    }

    /** The key of a short-term credential: the password, already prepared by OpaqueString (section 9.1.1). */
    public static byte[] shortTermKey(String password) {
        return password.getBytes(StandardCharsets.UTF_8);
    }

    /** The key of a long-term credential: the hash ("MD5", "SHA-256") of the prepared parts (section 18.5.1). */
    public static byte[] longTermKey(String algorithm, String user, String realm, String password) {
        try {
            String joined = user + ":" + realm + ":" + password;
            return MessageDigest.getInstance(algorithm).digest(joined.getBytes(StandardCharsets.UTF_8));
        } catch (GeneralSecurityException missing) {
            throw new IllegalArgumentException(algorithm + " is no hash that this JVM has", missing);
        }
    }

    /** The hash that stands for a user's name (RFC 8489 section 14.4). */
    static byte[] userHash(String user, String realm) {
        try {
            String joined = user + ":" + realm;
            return MessageDigest.getInstance("SHA-256").digest(joined.getBytes(StandardCharsets.UTF_8));
        } catch (GeneralSecurityException missing) {
            throw new IllegalStateException("every JVM has SHA-256", missing);
        }
    }

    /** HMAC-SHA256. */
    static byte[] hmacSha256(byte[] key, byte[] covered) {
        return hmac("HmacSHA256", key, covered);
    }

    /** Bytes of the attribute that {@link #appendIntegrity} appends. */
    static int integrityLength(boolean sha256) {
        return StunCodec.ATTRIBUTE_HEADER_LENGTH + (sha256 ? SHA256_LENGTH : SHA1_LENGTH);
    }

    /**
     * Appends MESSAGE-INTEGRITY-SHA256 or MESSAGE-INTEGRITY to the message at the start of {@code buffer}; returns the
     * new length.
     */
    static int appendIntegrity(byte[] buffer, int length, byte[] key, boolean sha256) {
        int end = length + integrityLength(sha256);
        String algorithm = sha256 ? "HmacSHA256" : "HmacSHA1";
        byte[] mac = mac(algorithm, key, buffer, 0, length, end - StunCodec.HEADER_LENGTH);
        Bytes.putU16(buffer, 2, end - StunCodec.HEADER_LENGTH);
        AttributeType type = sha256 ? AttributeType.MESSAGE_INTEGRITY_SHA256 : AttributeType.MESSAGE_INTEGRITY;
        Bytes.putU16(buffer, length, type.code());
        Bytes.putU16(buffer, length + 2, mac.length);
        System.arraycopy(mac, 0, buffer, length + StunCodec.ATTRIBUTE_HEADER_LENGTH, mac.length);
        return end;
    }

    /** Appends FINGERPRINT to the message at the start of {@code buffer}; returns the new length. */
    static int appendFingerprint(byte[] buffer, int length, CRC32 crc) {
        Bytes.putU16(buffer, 2, length - StunCodec.HEADER_LENGTH + FINGERPRINT_LENGTH);
        Bytes.putU16(buffer, length, AttributeType.FINGERPRINT.code());
        Bytes.putU16(buffer, length + 2, Integer.BYTES);
        Bytes.putI32(buffer, length + StunCodec.ATTRIBUTE_HEADER_LENGTH, fingerprint(buffer, 0, length, crc));
        return length + FINGERPRINT_LENGTH;
    }

    private static StunMessage with(
            StunMessage message, AttributeType type, String algorithm, int macLength, byte[] key) {
        byte[] bytes = StunCodec.encode(message);
        int declared = bytes.length - StunCodec.HEADER_LENGTH + StunCodec.ATTRIBUTE_HEADER_LENGTH + macLength;
        return message.with(Raw.of(type, mac(algorithm, key, bytes, 0, bytes.length, declared)));
    }

    /** A cursor on the first attribute of {@code type}, or at the end. */
    private static AttributeCursor find(AttributeType type, byte[] source, int offset, int length) {
        AttributeCursor cursor = new AttributeCursor().start(source, offset, length);
        if (StunCodec.checkHeader(source, offset, length) == null) {
            while (cursor.next()) {
                if (cursor.type() == type.code()) {
                    break;
                }
            }
        }
        return cursor;
    }

    private static boolean matches(AttributeCursor found, String algorithm, byte[] source, int offset, byte[] key) {
        int length = found.valueAt() - StunCodec.ATTRIBUTE_HEADER_LENGTH - offset;
        int declared = found.valueAt() + Bytes.padded(found.length()) - offset - StunCodec.HEADER_LENGTH;
        byte[] mac = mac(algorithm, key, source, offset, length, declared);
        byte[] claimed = Arrays.copyOfRange(source, found.valueAt(), found.valueAt() + found.length());
        return MessageDigest.isEqual(Arrays.copyOf(mac, claimed.length), claimed);
    }

    /** The HMAC of the bytes with {@code declared} in their length field. */
    private static byte[] mac(String algorithm, byte[] key, byte[] source, int offset, int length, int declared) {
        byte[] covered = Arrays.copyOfRange(source, offset, offset + length);
        Bytes.putU16(covered, 2, declared);
        return hmac(algorithm, key, covered);
    }

    private static byte[] hmac(String algorithm, byte[] key, byte[] covered) {
        try {
            Mac mac = Mac.getInstance(algorithm);
            mac.init(new SecretKeySpec(key, algorithm));
            return mac.doFinal(covered);
        } catch (GeneralSecurityException missing) {
            throw new IllegalStateException("every JVM has " + algorithm, missing);
        }
    }

    private static int fingerprint(byte[] source, int offset, int length, CRC32 crc) {
        crc.reset();
        crc.update(source, offset, length);
        return (int) crc.getValue() ^ FINGERPRINT_MASK;
    }
}
