package dev.warren.coordinator.registry;

import java.util.Locale;
import java.util.function.Predicate;

/** Names of nodes: DNS labels made from what their hosts are called (RFC 1035 section 2.3.1). */
final class Names {
    /** Leaves room for a number behind it within the 63 characters of a label. */
    private static final int MAX_LENGTH = 56;

    private Names() {}

    /** {@code hostName}'s first label in the allowed characters; {@code node} when nothing is left. */
    static String label(String hostName) {
        int dot = hostName.indexOf('.');
        String first = (dot < 0 ? hostName : hostName.substring(0, dot)).toLowerCase(Locale.ROOT);
        String label = first.replaceAll("[^a-z0-9]+", "-");
        label = trimmed(label.substring(0, Math.min(label.length(), MAX_LENGTH)));
        return label.isEmpty() ? "node" : label;
    }

    /** {@code label}, or the first of {@code label-2}, {@code label-3} ... that is not taken. */
    static String unique(String label, Predicate<String> taken) {
        String name = label;
        for (int i = 2; taken.test(name); i++) {
            name = label + "-" + i;
        }
        return name;
    }

    private static String trimmed(String label) {
        int start = label.startsWith("-") ? 1 : 0;
        int end = label.length() - (label.length() > start && label.endsWith("-") ? 1 : 0);
        return label.substring(start, end);
    }
}
