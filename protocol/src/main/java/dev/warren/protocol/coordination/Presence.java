package dev.warren.protocol.coordination;

import dev.warren.protocol.key.IdentityPublicKey;
import org.jspecify.annotations.Nullable;

/** Whether a node is online, as a change of nothing else; {@code lastSeenUnixMillis} as in {@link NodeRecord}. */
public record Presence(IdentityPublicKey node, boolean online, @Nullable Long lastSeenUnixMillis) {}
