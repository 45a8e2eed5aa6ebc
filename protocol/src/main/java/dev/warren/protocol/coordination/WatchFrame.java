package dev.warren.protocol.coordination;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import dev.warren.protocol.derp.DerpMap;
import dev.warren.protocol.key.IdentityPublicKey;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One line of the answer to {@code GET /v1/watch?revision=N}: a full frame first (or deltas, when the coordinator still
 * has all changes since N), then deltas in order, each on top of the one before, and keep-alives in between.
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind", defaultImpl = WatchFrame.Unknown.class)
@JsonSubTypes({
    @JsonSubTypes.Type(value = WatchFrame.Full.class, name = "full"),
    @JsonSubTypes.Type(value = WatchFrame.Delta.class, name = "delta"),
    @JsonSubTypes.Type(value = WatchFrame.KeepAlive.class, name = "keep-alive")
})
public sealed interface WatchFrame {
    /** Between two frames there are at most this many milliseconds (nat-traversal.md section 8.2). */
    long KEEP_ALIVE_MILLIS = 50_000;

    /** After this many milliseconds without a frame the watcher connects anew (nat-traversal.md section 8.1). */
    long WATCHDOG_MILLIS = 120_000;

    /**
     * All there is.
     *
     * @param revision of this state
     * @param mesh which mesh
     * @param self the watcher's own node
     * @param peers all other nodes
     * @param relays where the relays are
     */
    record Full(long revision, MeshId mesh, NodeRecord self, List<NodeRecord> peers, DerpMap relays)
            implements WatchFrame {
        /** Copies the list. */
        public Full {
            peers = List.copyOf(peers);
        }
    }

    /**
     * What changed. The lists are always there: an empty one says that nothing of its sort changed.
     *
     * @param from the revision that this builds on
     * @param revision the revision that this leads to
     * @param changed nodes that are new or different; the watcher's own node may be among them
     * @param removed nodes that left
     * @param presence nodes of which only the presence changed
     * @param relays the new relay map; null = as before
     */
    record Delta(
            long from,
            long revision,
            List<NodeRecord> changed,
            List<IdentityPublicKey> removed,
            List<Presence> presence,
            @Nullable DerpMap relays)
            implements WatchFrame {
        /** Copies the lists. */
        public Delta {
            changed = List.copyOf(changed);
            removed = List.copyOf(removed);
            presence = List.copyOf(presence);
        }
    }

    /** Nothing changed; {@code revision} is the watcher's state. */
    record KeepAlive(long revision) implements WatchFrame {}

    /** A kind that this version does not know; it is skipped. */
    record Unknown() implements WatchFrame {}
}
