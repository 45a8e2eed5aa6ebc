package dev.warren.coordinator.registry;

import dev.warren.protocol.key.IdentityPublicKey;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A join token as it lies in the store: never the secret, only its hash.
 *
 * @param secretHash SHA-256 of the secret in hex
 * @param relay true when it is for relays, null when for nodes
 * @param usedBy who joined with a token for one node; that node may try again when its answer got lost
 */
record StoredToken(
        String secretHash,
        boolean reusable,
        @Nullable Long expiresUnixMillis,
        long createdUnixMillis,
        List<String> tags,
        @Nullable Boolean relay,
        @Nullable IdentityPublicKey usedBy) {
    StoredToken {
        tags = List.copyOf(tags);
    }

    StoredToken usedBy(IdentityPublicKey identity) {
        return new StoredToken(secretHash, reusable, expiresUnixMillis, createdUnixMillis, tags, relay, identity);
    }

    boolean isForRelays() {
        return Boolean.TRUE.equals(relay);
    }
}
