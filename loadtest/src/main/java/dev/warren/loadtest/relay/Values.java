package dev.warren.loadtest.relay;

import dev.warren.platform.config.UserError;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What was given for the options, and what holds for those that were not. */
final class Values {
    private static final Pattern TIME = Pattern.compile("(\\d{1,9})(ms|s|m|h)?");
    private static final long NANOS_PER_MILLI = 1_000_000;

    private final Map<RelayOption, String> given = new EnumMap<>(RelayOption.class);

    Values(Map<String, String> texts) {
        texts.forEach((name, text) -> given.put(RelayOption.of(name), text.strip()));
    }

    boolean has(RelayOption option) {
        return given.containsKey(option);
    }

    Optional<String> text(RelayOption option) {
        return Optional.ofNullable(given.getOrDefault(option, option.usual()));
    }

    boolean flag(RelayOption option) {
        String text = text(option).orElse("");
        return switch (text) {
            case "true", "yes", "" -> true;
            case "false", "no" -> false;
            default -> throw wrong(option, text, "true or false");
        };
    }

    /** A whole number of at least {@code least}; the option has a usual value, or was given. */
    int number(RelayOption option, int least) {
        String text = text(option).orElse("");
        try {
            int number = Integer.parseInt(text);
            if (number >= least) {
                return number;
            }
        } catch (NumberFormatException notANumber) {
            // Said below.
        }
        throw wrong(option, text, "a whole number from " + least + " on");
    }

    /** A number above zero, or zero too when {@code zero} is true. */
    double rate(RelayOption option, boolean zero) {
        String text = text(option).orElse("");
        try {
            double rate = Double.parseDouble(text);
            if ((rate > 0 && rate < Integer.MAX_VALUE) || (zero && rate == 0)) {
                return rate;
            }
        } catch (NumberFormatException notANumber) {
            // Said below.
        }
        throw wrong(option, text, zero ? "a number from 0 on" : "a number above 0");
    }

    /** A time in nanoseconds: a number with ms, s (or nothing), m or h behind it. */
    long nanos(RelayOption option) {
        String text = text(option).orElse("");
        Matcher matcher = TIME.matcher(text);
        if (!matcher.matches()) {
            throw wrong(option, text, "a time such as 500ms, 10s or 2m");
        }
        String unit = matcher.group(2) == null ? "s" : matcher.group(2);
        long millis =
                switch (unit) {
                    case "ms" -> 1;
                    case "s" -> 1000;
                    case "m" -> 60_000;
                    default -> 3_600_000;
                };
        return Math.multiplyExact(Long.parseLong(matcher.group(1)) * millis, NANOS_PER_MILLI);
    }

    static UserError wrong(RelayOption option, String text, String wanted) {
        return new UserError("--" + option.title() + " \"" + text + "\" is not understood; give " + wanted);
    }
}
