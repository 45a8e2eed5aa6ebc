package dev.warren.coordinator;

import dev.warren.platform.config.UserError;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** How long something lives, as operators write it: {@code 90s}, {@code 15m}, {@code 1h}, {@code 7d}. */
final class Lifetime {
    private static final Pattern FORM = Pattern.compile("([0-9]{1,9})([smhd])");

    private Lifetime() {}

    /** In milliseconds; throws {@link UserError}. */
    static long parseMillis(String text) {
        Matcher parts = FORM.matcher(text);
        if (!parts.matches()) {
            throw new UserError("--expires " + text + " is no time: give a number with s, m, h or d, such as 1h");
        }
        long seconds =
                switch (parts.group(2)) {
                    case "s" -> 1;
                    case "m" -> 60;
                    case "h" -> 3600;
                    default -> 24 * 3600;
                };
        long millis = Long.parseLong(parts.group(1)) * seconds * 1000;
        if (millis == 0) {
            throw new UserError("--expires " + text + " would be over at once: give a time above zero");
        }
        return millis;
    }
}
