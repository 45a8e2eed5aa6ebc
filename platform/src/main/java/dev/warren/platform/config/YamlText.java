package dev.warren.platform.config;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import java.util.Set;
import java.util.regex.Pattern;

/** Values as they are written into YAML. */
final class YamlText {
    /** What YAML reads as it stands, with no meaning of its own. */
    private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9/.][A-Za-z0-9_./@+-]*(:[A-Za-z0-9_./@+-]+)*");

    private static final Set<String> WORDS = Set.of("null", "Null", "NULL");

    private YamlText() {}

    /** {@code text}, in quotes where it needs them (a JSON string is YAML too). */
    static String of(String text) {
        boolean plain = PLAIN.matcher(text).matches() && !WORDS.contains(text);
        return plain ? text : '"' + new String(JsonStringEncoder.getInstance().quoteAsString(text)) + '"';
    }
}
