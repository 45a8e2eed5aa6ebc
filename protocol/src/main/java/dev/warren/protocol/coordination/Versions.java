package dev.warren.protocol.coordination;

import java.util.List;

/** The version of the coordination protocol, exchanged at registration. */
public final class Versions {
    /** What this program speaks. */
    public static final int CURRENT = 1;

    /** The oldest version that this program still understands. */
    public static final int OLDEST = 1;

    /** The optional features that this program has; none yet. */
    public static final List<String> FEATURES = List.of();

    private Versions() {}
}
