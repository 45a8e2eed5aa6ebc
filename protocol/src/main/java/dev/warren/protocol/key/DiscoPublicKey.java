package dev.warren.protocol.key;

/** The X25519 public key under which a node sends disco messages; a new one with each start of the process. */
public final class DiscoPublicKey extends PublicBytes {
    /** Bytes in the binary form. */
    public static final int LENGTH = KeyText.LENGTH;

    private static final String PREFIX = "discokey:";
    private static final String WHAT = "a disco key";

    private DiscoPublicKey(byte[] bytes) {
        super(bytes);
    }

    /** From 32 raw bytes; throws {@link KeyFormatException} for any other length. */
    public static DiscoPublicKey of(byte[] bytes) {
        return new DiscoPublicKey(KeyText.checked(bytes, WHAT));
    }

    /** From the 32 bytes at {@code offset}. */
    public static DiscoPublicKey of(byte[] source, int offset) {
        return new DiscoPublicKey(KeyText.slice(source, offset));
    }

    /** From the text form {@code discokey:<64 hex digits>}; throws {@link KeyFormatException}. */
    public static DiscoPublicKey parse(String text) {
        return new DiscoPublicKey(KeyText.parse(PREFIX, text, WHAT));
    }

    /** From 64 hex digits without a prefix; throws {@link KeyFormatException}. */
    public static DiscoPublicKey parseHex(String hex) {
        return new DiscoPublicKey(KeyText.parse("", hex, WHAT));
    }

    /** From the base64 form that {@code wg} uses; throws {@link KeyFormatException}. */
    public static DiscoPublicKey parseBase64(String text) {
        return new DiscoPublicKey(KeyText.parseBase64(text, WHAT));
    }

    /** The text form, {@code discokey:<64 hex digits>}. */
    @Override
    public String toString() {
        return PREFIX + hex();
    }
}
