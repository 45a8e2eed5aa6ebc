package dev.warren.protocol.key;

import org.bouncycastle.math.ec.rfc8032.Ed25519;

/** A node's Ed25519 public key (RFC 8032): what the node is, while its other keys rotate. */
public final class IdentityPublicKey extends PublicBytes {
    /** Bytes in the binary form. */
    public static final int LENGTH = KeyText.LENGTH;

    private static final String PREFIX = "idkey:";
    private static final String WHAT = "a identity key";

    private IdentityPublicKey(byte[] bytes) {
        super(bytes);
    }

    /** From 32 raw bytes; throws {@link KeyFormatException} for any other length. */
    public static IdentityPublicKey of(byte[] bytes) {
        return new IdentityPublicKey(KeyText.checked(bytes, WHAT));
    }

    /** From the 32 bytes at {@code offset}. */
    public static IdentityPublicKey of(byte[] source, int offset) {
        return new IdentityPublicKey(KeyText.slice(source, offset));
    }

    /** From the text form {@code idkey:<64 hex digits>}; throws {@link KeyFormatException}. */
    public static IdentityPublicKey parse(String text) {
        return new IdentityPublicKey(KeyText.parse(PREFIX, text, WHAT));
    }

    /** From 64 hex digits without a prefix; throws {@link KeyFormatException}. */
    public static IdentityPublicKey parseHex(String hex) {
        return new IdentityPublicKey(KeyText.parse("", hex, WHAT));
    }

    /** From the base64 form that {@code wg} uses; throws {@link KeyFormatException}. */
    public static IdentityPublicKey parseBase64(String text) {
        return new IdentityPublicKey(KeyText.parseBase64(text, WHAT));
    }

    /** Whether {@code signature} (64 bytes) is this identity's over {@code message} (RFC 8032 section 5.1.7). */
    public boolean verify(byte[] message, byte[] signature) {
        return signature.length == Ed25519.SIGNATURE_SIZE
                && Ed25519.verify(signature, 0, bytes(), 0, message, 0, message.length);
    }

    /** The text form, {@code idkey:<64 hex digits>}. */
    @Override
    public String toString() {
        return PREFIX + hex();
    }
}
