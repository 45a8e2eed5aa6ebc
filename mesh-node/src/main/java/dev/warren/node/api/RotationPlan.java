package dev.warren.node.api;

import dev.warren.node.keys.KeyGenerations;
import dev.warren.node.keys.PskProvider;
import dev.warren.node.keys.RotationSchedule;
import dev.warren.protocol.key.NodePrivateKey;
import dev.warren.protocol.key.NodePublicKey;
import dev.warren.protocol.key.PresharedKey;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Which keys of an interface change, and when.
 *
 * @param privateKey its own key: each one is kept, and none stands in its configuration
 * @param presharedKeys those with these peers: each is derived by date from the one in the configuration
 */
public record RotationPlan(Optional<RotationSchedule> privateKey, Map<NodePublicKey, RotationSchedule> presharedKeys) {
    /** Copies the map. */
    public RotationPlan {
        presharedKeys = Map.copyOf(presharedKeys);
    }

    /** Whether no key changes. */
    public boolean isEmpty() {
        return privateKey.isEmpty() && presharedKeys.isEmpty();
    }

    /**
     * Begins all of it for an interface of {@code tunnels} that was created by {@code config}.
     *
     * @param kept the interface's own keys, asked for when those change
     */
    public void begin(TunnelManager tunnels, InterfaceConfig config, Supplier<KeyGenerations<NodePrivateKey>> kept)
            throws IOException {
        if (privateKey.isPresent()) {
            tunnels.rotatePrivateKey(config.name(), kept.get(), privateKey.get());
        }
        for (PeerConfig peer : config.peers()) {
            RotationSchedule schedule = presharedKeys.get(peer.publicKey());
            Optional<PresharedKey> root = peer.presharedKey();
            if (schedule != null && root.isPresent()) {
                tunnels.rotatePresharedKey(
                        config.name(), peer.publicKey(), PskProvider.derivedFrom(root.get()), schedule);
            }
        }
    }
}
