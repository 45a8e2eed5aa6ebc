package dev.warren.protocol.coordination;

import dev.warren.protocol.wireguard.IpPrefix;
import java.net.InetAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One node as the coordinator hands it out: what the node signed, and what the coordinator adds.
 *
 * @param name a DNS label, unique in the mesh
 * @param signed the node's own statement
 * @param addresses its addresses in the mesh, IPv4 first
 * @param allowedIps the blocks that lead to it
 * @param tags from the join token
 * @param joinedUnixMillis when it registered first
 * @param online whether it watches the coordinator now (or did within the grace time)
 * @param lastSeenUnixMillis when it was seen last; null = never since it registered
 */
public record NodeRecord(
        String name,
        SignedNodeRecord signed,
        List<InetAddress> addresses,
        List<IpPrefix> allowedIps,
        List<String> tags,
        long joinedUnixMillis,
        boolean online,
        @Nullable Long lastSeenUnixMillis) {
    /** The longest name: a DNS label (RFC 1035 section 2.3.4). */
    public static final int MAX_NAME = 63;

    private static final int MAX_ADDRESSES = 16;
    private static final int MAX_PREFIXES = 256;
    private static final int MAX_TAGS = 32;

    /** Checks the bounds; throws {@link CoordinationFormatException}. */
    public NodeRecord {
        Checks.text("name", MAX_NAME, name);
        addresses = Checks.atMost("addresses", MAX_ADDRESSES, addresses);
        allowedIps = Checks.atMost("allowedIps", MAX_PREFIXES, allowedIps);
        tags = Checks.atMost("tags", MAX_TAGS, tags);
    }

    /** The same node with another presence. */
    public NodeRecord withPresence(boolean isOnline, @Nullable Long lastSeen) {
        return new NodeRecord(name, signed, addresses, allowedIps, tags, joinedUnixMillis, isOnline, lastSeen);
    }
}
