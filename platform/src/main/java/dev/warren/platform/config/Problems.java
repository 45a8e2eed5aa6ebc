package dev.warren.platform.config;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Collects what is wrong with a configuration, so that its author reads all of it at once. */
public final class Problems {
    private final List<String> sentences = new ArrayList<>();

    /** Nothing yet. */
    public Problems() {}

    /** Notes a problem. */
    public void add(String sentence) {
        sentences.add(sentence);
    }

    /** What {@code supplier} gives; {@code otherwise} and a note when it throws a {@link UserError}. */
    public <T extends @Nullable Object> T attempt(Supplier<T> supplier, T otherwise) {
        try {
            return supplier.get();
        } catch (UserError wrong) {
            add(String.valueOf(wrong.getMessage()));
            return otherwise;
        }
    }

    /** Throws one {@link UserError} with all that was noted. */
    public void throwIfAny() {
        if (!sentences.isEmpty()) {
            throw new UserError(joined(sentences));
        }
    }

    /** One sentence as it is; several in a line each, under their number. */
    static String joined(List<String> sentences) {
        return sentences.size() == 1
                ? sentences.getFirst()
                : sentences.size() + " problems:\n  " + String.join("\n  ", sentences);
    }
}
