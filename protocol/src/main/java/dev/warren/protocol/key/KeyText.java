package dev.warren.protocol.key;

import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;

/** Reading and checking of 32-byte key texts; every error says what was expected and never what was there. */
final class KeyText {
    /** Bytes in every key of this package. */
    static final int LENGTH = 32;

    private static final int HEX_LENGTH = 2 * LENGTH;

    private KeyText() {}

    static byte[] checked(byte[] bytes, String what) {
        if (bytes.length != LENGTH) {
            throw new KeyFormatException(what + " has " + bytes.length + " bytes; it must have " + LENGTH);
        }
        return bytes.clone();
    }

    static byte[] slice(byte[] source, int offset) {
        byte[] key = new byte[LENGTH];
        System.arraycopy(source, offset, key, 0, LENGTH);
        return key;
    }

    static byte[] parse(String prefix, String text, String what) {
        if (!text.startsWith(prefix)) {
            throw new KeyFormatException(what + " must start with \"" + prefix + "\"");
        }
        String hex = text.substring(prefix.length());
        if (hex.length() != HEX_LENGTH) {
            throw new KeyFormatException(what + " must have " + HEX_LENGTH + " hex digits after \"" + prefix
                    + "\", but has " + hex.length());
        }
        try {
            return HexFormat.of().parseHex(hex);
        } catch (IllegalArgumentException notHex) {
            throw new KeyFormatException(what + " has a character that is not a hex digit");
        }
    }

    static byte[] parseBase64(String text, String what) {
        byte[] bytes;
        try {
            bytes = Base64.getDecoder().decode(text);
        } catch (IllegalArgumentException notBase64) {
            throw new KeyFormatException(what + " is not base64");
        }
        byte[] copy = checked(bytes, what);
        Arrays.fill(bytes, (byte) 0);
        return copy;
    }
}
