package dev.warren.protocol.key;

import java.util.random.RandomGenerator;

/** The secret that the relays of one region share; who has it may forward and watch. The zero key matches nobody. */
public final class MeshKey extends SecretBytes {
    private static final String WHAT = "a mesh key";

    private MeshKey(byte[] bytes) {
        super(bytes);
    }

    /** A new key from 32 bytes of {@code random}. */
    public static MeshKey generate(RandomGenerator random) {
        byte[] bytes = new byte[KeyText.LENGTH];
        random.nextBytes(bytes);
        return new MeshKey(bytes);
    }

    /** From 64 hex digits; throws {@link KeyFormatException}. Leading and trailing white space is the caller's. */
    public static MeshKey parse(String hex) {
        return new MeshKey(KeyText.parse("", hex, WHAT));
    }

    /** The secret text form, 64 hex digits, for key files and the DERP login only. */
    public String secretText() {
        return hex();
    }
}
