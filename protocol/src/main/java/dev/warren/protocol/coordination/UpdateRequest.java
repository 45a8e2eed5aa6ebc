package dev.warren.protocol.coordination;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Body of {@code POST /v1/update}: what changed at a node, at most once a second.
 *
 * @param record a new statement (endpoints, home region); null = as before
 * @param paths how the node reaches each peer now, all of them; null = as before
 */
public record UpdateRequest(@Nullable SignedNodeRecord record, @Nullable List<PathReport> paths) {
    private static final int MAX_PATHS = 4096;

    /** Checks the bounds; throws {@link CoordinationFormatException}. */
    public UpdateRequest {
        if (paths != null) {
            paths = Checks.atMost("paths", MAX_PATHS, paths);
        }
    }
}
