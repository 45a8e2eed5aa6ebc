package dev.warren.node.keys;

import dev.warren.platform.config.UserError;
import java.util.regex.Pattern;

/**
 * The name of a kept key: 1 to 64 letters, digits, {@code . _ -} of ASCII, the first one a letter or digit, so that it
 * is a file name anywhere and never leads out of its folder.
 *
 * @param text the name
 */
public record KeyId(String text) implements Comparable<KeyId> {
    private static final Pattern SYNTAX = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,63}");

    /** Throws {@link UserError} for any other text. */
    public KeyId {
        if (!isValid(text)) {
            throw new UserError("\"" + shown(text) + "\" is no name for a key: give 1 to 64 letters, digits and . _ -,"
                    + " of which the first is a letter or digit");
        }
    }

    /** Whether {@code text} can be a key's name. */
    public static boolean isValid(String text) {
        return SYNTAX.matcher(text).matches();
    }

    @Override
    public int compareTo(KeyId other) {
        return text.compareTo(other.text);
    }

    @Override
    public String toString() {
        return text;
    }

    /** Short and printable: the text may come from anywhere. */
    private static String shown(String text) {
        String printable = text.replaceAll("[^ -~]", "?");
        return printable.length() <= 80 ? printable : printable.substring(0, 77) + "...";
    }
}
