package dev.warren.platform.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The names of the options in which the settings of a running program and those that were read again differ. */
public final class Differences {
    private final List<String> options = new ArrayList<>();

    /** Notes {@code option} when its two values are not equal. */
    public void add(String option, @Nullable Object before, @Nullable Object after) {
        if (!Objects.equals(before, after)) {
            options.add(option);
        }
    }

    /** In the order in which they were added. */
    public List<String> options() {
        return List.copyOf(options);
    }
}
