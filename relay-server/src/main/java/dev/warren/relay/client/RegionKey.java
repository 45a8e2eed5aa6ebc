package dev.warren.relay.client;

import dev.warren.protocol.key.MeshKey;
import org.jspecify.annotations.Nullable;

/** What the relays of the region know each other by. It may come while the relay runs: a coordinator hands it out. */
public final class RegionKey {
    private volatile @Nullable MeshKey key;

    /** {@code key} null for a relay that has none beside it, so far. */
    public RegionKey(@Nullable MeshKey key) {
        this.key = key;
    }

    /** The key, null when there is none. */
    public @Nullable MeshKey get() {
        return key;
    }

    /** From now on it is this one; links and logins that are there stay. */
    public void replace(MeshKey now) {
        key = now;
    }

    /** Whether {@code claimed} is the key. In constant time. */
    boolean matches(@Nullable MeshKey claimed) {
        MeshKey own = key;
        // Nobody is asked for the zero key: a login may carry it without knowing anything.
        return claimed != null && own != null && !own.isZero() && own.equals(claimed);
    }
}
