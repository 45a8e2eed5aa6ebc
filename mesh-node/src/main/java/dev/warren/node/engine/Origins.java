package dev.warren.node.engine;

import dev.warren.protocol.key.NodePublicKey;
import dev.warren.protocol.udprelay.GeneveHeader;
import dev.warren.protocol.udprelay.RelayPath;
import dev.warren.protocol.wireguard.Origin;
import dev.warren.protocol.wireguard.SourceAddress;
import java.net.InetSocketAddress;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Where messages come from: mostly from the same sender as the one before, and then nothing is allocated. */
final class Origins {
    private Origin.@Nullable Direct lastDirect;
    private Origin.@Nullable Relayed lastRelayed;
    private Origin.@Nullable ThroughUdpRelay lastThrough;

    Origin.Direct direct(InetSocketAddress from, @Nullable SourceAddress local) {
        Origin.Direct last = lastDirect;
        if (last == null || !last.address().equals(from) || !Objects.equals(last.local(), local)) {
            last = new Origin.Direct(from, local);
            lastDirect = last;
        }
        return last;
    }

    /** {@code header} is the Geneve header. */
    Origin.ThroughUdpRelay through(InetSocketAddress server, long header) {
        Origin.ThroughUdpRelay last = lastThrough;
        int vni = GeneveHeader.vni(header);
        if (last == null || last.path().vni() != vni || !last.path().server().equals(server)) {
            last = new Origin.ThroughUdpRelay(new RelayPath(server, vni));
            lastThrough = last;
        }
        return last;
    }

    Origin.Relayed relayed(int region, NodePublicKey from) {
        Origin.Relayed last = lastRelayed;
        if (last == null || last.region() != region || !last.key().equals(from)) {
            last = new Origin.Relayed(region, from);
            lastRelayed = last;
        }
        return last;
    }
}
