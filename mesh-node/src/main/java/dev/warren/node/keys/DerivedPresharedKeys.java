package dev.warren.node.keys;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.warren.protocol.crypto.Blake2s;
import dev.warren.protocol.crypto.LittleEndian;
import dev.warren.protocol.key.PresharedKey;
import java.time.Instant;
import java.util.Arrays;

/**
 * Preshared keys by date from one secret: BLAKE2s, keyed with the secret, of a label and the date as Unix seconds in
 * eight bytes, little endian.
 */
final class DerivedPresharedKeys {
    private static final int LENGTH = 32;
    private static final byte[] LABEL = "warren preshared key by date".getBytes(US_ASCII);

    private final PresharedKey root;

    /** From a copy of {@code root}. */
    DerivedPresharedKeys(PresharedKey root) {
        this.root = PresharedKey.taking(root.bytes());
    }

    PresharedKey key(Instant from) {
        byte[] date = new byte[Long.BYTES];
        LittleEndian.writeLong(date, 0, from.getEpochSecond());
        byte[] secret = root.bytes();
        try {
            return PresharedKey.taking(
                    new Blake2s(LENGTH, secret).update(LABEL).update(date).finish());
        } finally {
            Arrays.fill(secret, (byte) 0);
        }
    }
}
