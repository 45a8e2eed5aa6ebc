package dev.warren.loadtest.report;

import java.util.Locale;
import java.util.Set;

/**
 * Grows a page or a drawing. Every text and every attribute's value is escaped, so that names out of a file or off the
 * network can't become markup; element and attribute names are this package's own.
 */
final class Markup {
    /** After these a new line would be read as a space. */
    private static final Set<String> INLINE = Set.of("b", "i", "span");

    private static final char REPLACEMENT = '\uFFFD';

    private final StringBuilder text = new StringBuilder();

    /** An element's start; {@code attributes} are names and values in turn. */
    Markup open(String element, String... attributes) {
        return tag(element, attributes, ">");
    }

    /** The end of an element. */
    Markup close(String element) {
        text.append("</").append(element).append(INLINE.contains(element) ? ">" : ">\n");
        return this;
    }

    /** An element that has no content, in the form that drawings need. */
    Markup empty(String element, String... attributes) {
        return tag(element, attributes, "/>");
    }

    /** A whole element with nothing in it but text. */
    Markup element(String element, String content, String... attributes) {
        return open(element, attributes).text(content).close(element);
    }

    /** Text, escaped. */
    Markup text(String content) {
        escape(content);
        return this;
    }

    /** Markup or styles of our own, as they are. */
    Markup verbatim(String own) {
        text.append(own);
        return this;
    }

    @Override
    public String toString() {
        return text.toString();
    }

    /** A share of the whole (0 to 1) as CSS wants it. */
    static String percent(double share) {
        return String.format(Locale.ROOT, "%.2f%%", share * 100);
    }

    private Markup tag(String element, String[] attributes, String end) {
        text.append('<').append(element);
        for (int i = 0; i < attributes.length; i += 2) {
            text.append(' ').append(attributes[i]).append("=\"");
            escape(attributes[i + 1]);
            text.append('"');
        }
        text.append(end);
        return this;
    }

    private void escape(String content) {
        for (int i = 0; i < content.length(); i++) {
            char c = content.charAt(i);
            switch (c) {
                case '<' -> text.append("&lt;");
                case '>' -> text.append("&gt;");
                case '&' -> text.append("&amp;");
                case '"' -> text.append("&quot;");
                case '\'' -> text.append("&#39;");
                case '\n', '\t' -> text.append(c);
                default -> text.append(Character.isISOControl(c) ? REPLACEMENT : c);
            }
        }
    }
}
