package dev.warren.loadtest.compare;

import dev.warren.platform.config.UserError;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.function.Supplier;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/** The words in braces that a spec may hold, and what they stand for in one run. */
final class Placeholders {
    private static final Pattern WORD = Pattern.compile("(?<!\\$)\\{([a-z][a-z0-9]*)}");

    private final String file;
    private final Map<String, Supplier<String>> values;

    /** Placeholders with these meanings, asked for when met; {@code file} is named when another one is met. */
    Placeholders(String file, Map<String, Supplier<String>> values) {
        this.file = file;
        this.values = Map.copyOf(values);
    }

    /** {@code text} with every placeholder replaced; a UserError for one that is not known. */
    String fill(String text) {
        return WORD.matcher(text).replaceAll(match -> java.util.regex.Matcher.quoteReplacement(value(match)));
    }

    List<String> fill(List<String> texts) {
        return texts.stream().map(this::fill).toList();
    }

    SequencedMap<String, String> fill(Map<String, String> texts) {
        SequencedMap<String, String> filled = new LinkedHashMap<>();
        texts.forEach((key, text) -> filled.put(key, fill(text)));
        return filled;
    }

    private String value(MatchResult match) {
        Supplier<String> value = values.get(match.group(1));
        if (value == null) {
            throw new UserError(file + ": " + match.group() + " stands for nothing here; known are "
                    + String.join(
                            ", ",
                            values.keySet().stream()
                                    .sorted()
                                    .map(word -> "{" + word + "}")
                                    .toList()));
        }
        return value.get();
    }
}
