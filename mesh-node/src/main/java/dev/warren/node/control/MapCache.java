package dev.warren.node.control;

import dev.warren.protocol.coordination.WatchFrame;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Keeps the newest map in the state folder without writing it for each change. Belongs to one thread. */
final class MapCache {
    private static final long PAUSE_NANOS = 5_000_000_000L;

    private final NodeState state;
    private WatchFrame.@Nullable Full unsaved;
    private long savedAtNanos;
    private boolean everSaved;

    MapCache(NodeState state) {
        this.state = state;
    }

    /** Takes the newest map; writes it when the last writing was some seconds ago. */
    void offer(WatchFrame.@Nullable Full map, long nowNanos) throws IOException {
        unsaved = map;
        if (!everSaved || nowNanos - savedAtNanos >= PAUSE_NANOS) {
            everSaved = true;
            savedAtNanos = nowNanos;
            save();
        }
    }

    /** Writes what has not been written. */
    void save() throws IOException {
        WatchFrame.Full map = unsaved;
        unsaved = null;
        if (map != null) {
            state.cacheMap(map);
        }
    }
}
