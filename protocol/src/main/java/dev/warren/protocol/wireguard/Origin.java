package dev.warren.protocol.wireguard;

import dev.warren.protocol.key.NodePublicKey;
import dev.warren.protocol.udprelay.RelayPath;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/** Where a message came from: what a cookie binds to, and where a peer is found later. */
public sealed interface Origin {
    /** A datagram of this address, which arrived at {@code local} where that is known. */
    record Direct(InetSocketAddress address, @Nullable SourceAddress local) implements Origin {
        /** A datagram of this address. */
        public Direct(InetSocketAddress address) {
            this(address, null);
        }
    }

    /** A packet through the relay of {@code region}, sent by the client with {@code key}. */
    record Relayed(int region, NodePublicKey key) implements Origin {}

    /** A datagram through a session of a UDP relay. */
    record ThroughUdpRelay(RelayPath path) implements Origin {}
}
