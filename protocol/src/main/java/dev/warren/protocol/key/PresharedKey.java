package dev.warren.protocol.key;

import java.util.Arrays;
import java.util.random.RandomGenerator;

/** A WireGuard preshared key (WireGuard paper section 5.2); all zero means none. */
public final class PresharedKey extends SecretBytes {
    private static final String WHAT = "a preshared key";

    private PresharedKey(byte[] bytes) {
        super(bytes);
    }

    /** The zero key: no preshared key. */
    public static PresharedKey none() {
        return new PresharedKey(new byte[KeyText.LENGTH]);
    }

    /** A new key from 32 bytes of {@code random}. */
    public static PresharedKey generate(RandomGenerator random) {
        byte[] bytes = new byte[KeyText.LENGTH];
        random.nextBytes(bytes);
        return new PresharedKey(bytes);
    }

    /** From 32 raw bytes; throws {@link KeyFormatException} for any other length. */
    public static PresharedKey of(byte[] bytes) {
        return new PresharedKey(KeyText.checked(bytes, WHAT));
    }

    /** From 32 raw bytes, which are wiped; throws {@link KeyFormatException} for any other length. */
    public static PresharedKey taking(byte[] bytes) {
        PresharedKey key = new PresharedKey(KeyText.checked(bytes, WHAT));
        Arrays.fill(bytes, (byte) 0);
        return key;
    }

    /** From the base64 form that {@code wg} uses; throws {@link KeyFormatException}. */
    public static PresharedKey parseBase64(String text) {
        return new PresharedKey(KeyText.parseBase64(text, WHAT));
    }
}
