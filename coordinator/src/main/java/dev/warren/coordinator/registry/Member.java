package dev.warren.coordinator.registry;

import dev.warren.protocol.coordination.NodeRecord;
import dev.warren.protocol.coordination.NodeStatement;
import dev.warren.protocol.key.IdentityPublicKey;
import dev.warren.protocol.wireguard.IpPrefix;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A node of the mesh, as read from the store.
 *
 * @param stored what lies there
 * @param statement what the node signed, checked
 * @param revision of the store's entry
 */
public record Member(StoredNode stored, NodeStatement statement, long revision) {
    /** Who it is. */
    public IdentityPublicKey identity() {
        return statement.identity();
    }

    /** Its name in the mesh. */
    public String name() {
        return stored.name();
    }

    /** Name and version of the program that it runs. */
    public String software() {
        return stored.software();
    }

    /** When it was last seen going, as far as the store knows. */
    public @Nullable Long lastSeenUnixMillis() {
        return stored.lastSeenUnixMillis();
    }

    /** The record to hand out, with the presence that only the caller knows. */
    public NodeRecord record(boolean online, @Nullable Long lastSeenUnixMillis) {
        return new NodeRecord(
                stored.name(),
                stored.signed(),
                List.of(stored.ipv4(), stored.ipv6()),
                List.of(IpPrefix.host(stored.ipv4()), IpPrefix.host(stored.ipv6())),
                stored.tags(),
                stored.joinedUnixMillis(),
                online,
                lastSeenUnixMillis);
    }
}
