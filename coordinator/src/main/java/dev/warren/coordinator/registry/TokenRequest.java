package dev.warren.coordinator.registry;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the operator wants a join token to be.
 *
 * @param reusable for any number of nodes
 * @param expiresUnixMillis null = never
 * @param tags for the nodes that join with it
 * @param relay for relays, which register with it, and not for nodes
 */
public record TokenRequest(boolean reusable, @Nullable Long expiresUnixMillis, List<String> tags, boolean relay) {
    /** For nodes. */
    public TokenRequest(boolean reusable, @Nullable Long expiresUnixMillis, List<String> tags) {
        this(reusable, expiresUnixMillis, tags, false);
    }

    /** Copies the list. */
    public TokenRequest {
        tags = List.copyOf(tags);
    }
}
