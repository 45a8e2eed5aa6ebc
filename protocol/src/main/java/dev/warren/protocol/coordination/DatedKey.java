package dev.warren.protocol.coordination;

import dev.warren.protocol.key.NodePublicKey;
import org.jspecify.annotations.Nullable;

/**
 * A node key and the time in which it is valid.
 *
 * @param key the WireGuard key, which is also the node's name on a relay
 * @param fromUnixMillis the first moment; null = since ever
 * @param untilUnixMillis the first moment at which it is no longer valid; null = without end
 */
public record DatedKey(NodePublicKey key, @Nullable Long fromUnixMillis, @Nullable Long untilUnixMillis) {
    /** A key without limits in time. */
    public static DatedKey unlimited(NodePublicKey key) {
        return new DatedKey(key, null, null);
    }

    /** Whether the key may be used at {@code unixMillis}. */
    public boolean validAt(long unixMillis) {
        return (fromUnixMillis == null || unixMillis >= fromUnixMillis)
                && (untilUnixMillis == null || unixMillis < untilUnixMillis);
    }
}
