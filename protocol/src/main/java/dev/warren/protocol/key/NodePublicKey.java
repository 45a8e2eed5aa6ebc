package dev.warren.protocol.key;

/** A node's X25519 public key: its WireGuard key and its address on a relay at once. */
public final class NodePublicKey extends PublicBytes {
    /** Bytes in the binary form. */
    public static final int LENGTH = KeyText.LENGTH;

    private static final String PREFIX = "nodekey:";
    private static final String WHAT = "a node key";

    private NodePublicKey(byte[] bytes) {
        super(bytes);
    }

    /** From 32 raw bytes; throws {@link KeyFormatException} for any other length. */
    public static NodePublicKey of(byte[] bytes) {
        return new NodePublicKey(KeyText.checked(bytes, WHAT));
    }

    /** From the 32 bytes at {@code offset}. */
    public static NodePublicKey of(byte[] source, int offset) {
        return new NodePublicKey(KeyText.slice(source, offset));
    }

    /** From the text form {@code nodekey:<64 hex digits>}; throws {@link KeyFormatException}. */
    public static NodePublicKey parse(String text) {
        return new NodePublicKey(KeyText.parse(PREFIX, text, WHAT));
    }

    /** From 64 hex digits without a prefix; throws {@link KeyFormatException}. */
    public static NodePublicKey parseHex(String hex) {
        return new NodePublicKey(KeyText.parse("", hex, WHAT));
    }

    /** From the base64 form that {@code wg} uses; throws {@link KeyFormatException}. */
    public static NodePublicKey parseBase64(String text) {
        return new NodePublicKey(KeyText.parseBase64(text, WHAT));
    }

    /** The text form, {@code nodekey:<64 hex digits>}. */
    @Override
    public String toString() {
        return PREFIX + hex();
    }
}
