package dev.warren.protocol.crypto;

import java.util.Arrays;

/** HKDF (RFC 5869) over HMAC-BLAKE2s with empty info: the KDF1, KDF2 and KDF3 of WireGuard (paper section 5.4). */
public final class Hkdf {
    private Hkdf() {}

    /** KDF1: one output of 32 bytes. */
    public static void derive(byte[] key, byte[] input, byte[] first) {
        expand(key, input, first);
    }

    /** KDF2: two outputs of 32 bytes. An output array may be the key array. */
    public static void derive(byte[] key, byte[] input, byte[] first, byte[] second) {
        expand(key, input, first, second);
    }

    /** KDF3: three outputs of 32 bytes. An output array may be the key array. */
    public static void derive(byte[] key, byte[] input, byte[] first, byte[] second, byte[] third) {
        expand(key, input, first, second, third);
    }

    private static void expand(byte[] key, byte[] input, byte[]... outputs) {
        byte[] secret = Blake2s.hmac(key, input);
        byte[] last = new byte[0];
        for (int i = 0; i < outputs.length; i++) {
            byte[] next = Blake2s.hmac(secret, last, new byte[] {(byte) (i + 1)});
            Arrays.fill(last, (byte) 0);
            System.arraycopy(next, 0, outputs[i], 0, Blake2s.HASH_LENGTH);
            last = next;
        }
        Arrays.fill(last, (byte) 0);
        Arrays.fill(secret, (byte) 0);
    }
}
