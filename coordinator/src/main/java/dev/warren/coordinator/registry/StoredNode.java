package dev.warren.coordinator.registry;

import dev.warren.protocol.coordination.SignedNodeRecord;
import java.net.InetAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A node as it lies in the store. */
record StoredNode(
        String name,
        String hostName,
        String software,
        SignedNodeRecord signed,
        InetAddress ipv4,
        InetAddress ipv6,
        List<String> tags,
        long joinedUnixMillis,
        @Nullable Long lastSeenUnixMillis) {
    StoredNode {
        tags = List.copyOf(tags);
    }

    StoredNode withSigned(SignedNodeRecord newer) {
        return new StoredNode(name, hostName, software, newer, ipv4, ipv6, tags, joinedUnixMillis, lastSeenUnixMillis);
    }

    StoredNode withLastSeen(long unixMillis) {
        return new StoredNode(name, hostName, software, signed, ipv4, ipv6, tags, joinedUnixMillis, unixMillis);
    }
}
