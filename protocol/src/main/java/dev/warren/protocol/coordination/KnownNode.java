package dev.warren.protocol.coordination;

import dev.warren.protocol.key.DiscoPublicKey;
import dev.warren.protocol.key.IdentityPublicKey;
import dev.warren.protocol.key.NodePublicKey;
import dev.warren.protocol.wireguard.IpPrefix;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;

/**
 * A node's record with the statement that was read from it after its signature was checked.
 *
 * @param record as the coordinator sent it
 * @param statement as the node signed it
 */
public record KnownNode(NodeRecord record, NodeStatement statement) {
    /** Checks the record's signature; throws {@link CoordinationFormatException}. */
    public static KnownNode verify(NodeRecord record) {
        return new KnownNode(record, record.signed().verify());
    }

    /** Who the node is. */
    public IdentityPublicKey identity() {
        return statement.identity();
    }

    /** Its name, a DNS label. */
    public String name() {
        return record.name();
    }

    /** Its current WireGuard key, also its name on relays. */
    public NodePublicKey nodeKey() {
        return statement.nodeKey();
    }

    /** Its disco key of this process. */
    public DiscoPublicKey discoKey() {
        return statement.discoKey();
    }

    /** Where it may be reached over UDP. */
    public List<InetSocketAddress> endpoints() {
        return statement.endpoints();
    }

    /** Its relay region; 0 = none yet. */
    public int homeRegion() {
        return statement.homeRegion();
    }

    /** Its addresses in the mesh, IPv4 first. */
    public List<InetAddress> addresses() {
        return record.addresses();
    }

    /** The blocks that lead to it. */
    public List<IpPrefix> allowedIps() {
        return record.allowedIps();
    }

    /** Whether the coordinator sees it. */
    public boolean online() {
        return record.online();
    }
}
