package dev.warren.coordinator.topology;

import dev.warren.protocol.coordination.PathReport;
import dev.warren.protocol.key.IdentityPublicKey;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** What each node last said about its paths; forgotten when it goes offline. For all threads. */
public final class PathTable {
    private final Map<IdentityPublicKey, Reports> reports = new ConcurrentHashMap<>();

    /** One node's paths and when it told them. */
    public record Reports(long atUnixMillis, List<PathReport> paths) {
        /** Copies the list. */
        public Reports {
            paths = List.copyOf(paths);
        }
    }

    /** Replaces what {@code node} said before. */
    public void put(IdentityPublicKey node, Reports said) {
        reports.put(node, said);
    }

    /** Forgets what {@code node} said. */
    public void remove(IdentityPublicKey node) {
        reports.remove(node);
    }

    /** What {@code node} said last, or null. */
    public @Nullable Reports of(IdentityPublicKey node) {
        return reports.get(node);
    }
}
