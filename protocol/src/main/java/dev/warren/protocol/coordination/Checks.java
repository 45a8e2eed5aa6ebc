package dev.warren.protocol.coordination;

import java.util.List;

/** Bounds that the compact constructors of messages share; a hostile message is small or it is refused. */
final class Checks {
    private Checks() {}

    static <T> List<T> atMost(String field, int max, List<T> list) {
        if (list.size() > max) {
            throw new CoordinationFormatException(
                    "field \"" + field + "\" has " + list.size() + " entries; at most " + max + " are allowed");
        }
        return List.copyOf(list);
    }

    static String text(String field, int maxLength, String text) {
        if (text.length() > maxLength) {
            throw new CoordinationFormatException("field \"" + field + "\" has " + text.length()
                    + " characters; at most " + maxLength + " are allowed");
        }
        return text;
    }

    static void positive(String field, long value) {
        if (value <= 0) {
            throw new CoordinationFormatException("field \"" + field + "\" must be greater than 0, but is " + value);
        }
    }

    static void notNegative(String field, long value) {
        if (value < 0) {
            throw new CoordinationFormatException("field \"" + field + "\" must not be negative, but is " + value);
        }
    }
}
