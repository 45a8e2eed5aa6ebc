package dev.warren.protocol.testing;

import java.util.HexFormat;

/** Bytes as hex, so that golden bytes can be written field by field. */
public final class Hex {
    private Hex() {}

    /** The bytes of all {@code fields} in a row; blanks and line breaks in them do not count. */
    public static byte[] bytes(String... fields) {
        return HexFormat.of().parseHex(String.join("", fields).replaceAll("\\s", ""));
    }

    /** Lower-case hex digits without separators. */
    public static String text(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }

    /** The {@code length} bytes at {@code offset} as lower-case hex digits. */
    public static String text(byte[] bytes, int offset, int length) {
        return HexFormat.of().formatHex(bytes, offset, offset + length);
    }
}
