package dev.warren.node.api;

import dev.warren.protocol.key.NodePublicKey;
import dev.warren.protocol.wireguard.Device;
import dev.warren.protocol.wireguard.Peer;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Peers that are about to change their static keys; to be used on the device's thread. */
final class NextKeys {
    private NextKeys() {}

    /**
     * The peer with that key. One that was to have it, and was not heard of since, has it from now on: whoever calls it by
     * that key knows that it has changed.
     */
    static @Nullable Peer find(Device device, NodePublicKey key) {
        Peer peer = device.peer(key);
        if (peer != null) {
            return peer;
        }
        for (Peer one : device.peers()) {
            if (Objects.equals(one.pendingPublicKey(), key)) {
                one.adoptPendingPublicKey();
                return one;
            }
        }
        return null;
    }

    /** Has the peer known by {@code next} too; throws IllegalArgumentException when that is somebody else's key. */
    static void set(Peer peer, Optional<NodePublicKey> next) {
        if (!Objects.equals(peer.pendingPublicKey(), next.orElse(null))) {
            peer.setPendingPublicKey(next.orElse(null));
        }
    }
}
