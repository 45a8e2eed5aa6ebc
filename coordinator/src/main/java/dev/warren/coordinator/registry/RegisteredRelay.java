package dev.warren.coordinator.registry;

import dev.warren.protocol.key.IdentityPublicKey;
import org.jspecify.annotations.Nullable;

/**
 * A relay that registers itself, as an operator sees it.
 *
 * @param name its node's in the map, or the last one that it had there
 * @param host as clients find it
 * @param stunPort null when it has no STUN server
 * @param pin {@code sha256-raw:HEX}; null when its certificate is a public one
 * @param capacity how many connections it takes at most; null = any number
 * @param leaseEndsInMillis null when it is not in the map
 * @param out why it is not in the map, as "it stops" of one that drains; null when it is there
 */
public record RegisteredRelay(
        String name,
        int region,
        String code,
        String host,
        int port,
        @Nullable Integer stunPort,
        @Nullable String ipv4,
        @Nullable String ipv6,
        @Nullable String pin,
        @Nullable Integer capacity,
        IdentityPublicKey identity,
        String software,
        long registeredUnixMillis,
        @Nullable Long leaseEndsInMillis,
        @Nullable String out) {
    /** Whether an operator means it by {@code word}: its name, its address with or without port, its identity. */
    public boolean isCalled(String word) {
        return word.equals(name)
                || word.equals(host)
                || word.equals(host + ":" + port)
                || word.equals(identity.shortText())
                || word.equals(identity.hex());
    }
}
