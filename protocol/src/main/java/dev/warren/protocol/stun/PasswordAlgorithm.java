package dev.warren.protocol.stun;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The hashes that make a key of a long-term credential (RFC 8489 section 18.5), the better one first. On the wire: code
 * 2, length of parameters 2, parameters (none here). A test compares this list with IANA's "STUN Password Algorithms".
 */
enum PasswordAlgorithm {
    /** 32 bytes of key. */
    SHA_256(2, "SHA-256"),
    /** 16 bytes of key; what is meant when nothing is said. */
    MD5(1, "MD5");

    private static final int LENGTH = 4;

    private final int code;
    private final String hash;

    PasswordAlgorithm(int code, String hash) {
        this.code = code;
        this.hash = hash;
    }

    int code() {
        return code;
    }

    /** The name that the JDK knows it by, which is the registry's too. */
    String hash() {
        return hash;
    }

    /** The value of PASSWORD-ALGORITHM. */
    byte[] encode() {
        byte[] value = new byte[LENGTH];
        Bytes.putU16(value, 0, code);
        return value;
    }

    /** The value of PASSWORD-ALGORITHMS with all that there are here. */
    static byte[] encodeAll() {
        byte[] value = new byte[LENGTH * values().length];
        int at = 0;
        for (PasswordAlgorithm algorithm : values()) {
            Bytes.putU16(value, at, algorithm.code);
            at += LENGTH;
        }
        return value;
    }

    /** The algorithm in a PASSWORD-ALGORITHM; null when it is not known here. */
    static @Nullable PasswordAlgorithm decode(byte[] value) {
        List<PasswordAlgorithm> all = decodeAll(value);
        return value.length == LENGTH && all.size() == 1 ? all.getFirst() : null;
    }

    /** Those of a PASSWORD-ALGORITHMS that are known here, in its order; up to where it stops making sense. */
    static List<PasswordAlgorithm> decodeAll(byte[] value) {
        List<PasswordAlgorithm> found = new ArrayList<>();
        int at = 0;
        while (value.length - at >= LENGTH) {
            int parameters = Bytes.u16(value, at + 2);
            for (PasswordAlgorithm algorithm : values()) {
                if (algorithm.code == Bytes.u16(value, at) && parameters == 0) {
                    found.add(algorithm);
                }
            }
            at += LENGTH + Bytes.padded(parameters);
        }
        return found;
    }
}
