package dev.warren.protocol.wireguard;

import dev.warren.protocol.key.NodePrivateKey;
import dev.warren.protocol.key.NodePublicKey;

/**
 * The device's static key pair.
 *
 * @param privateKey the secret half
 * @param publicKey its public half, computed once
 */
record LocalIdentity(NodePrivateKey privateKey, NodePublicKey publicKey) {
    /** With a copy of {@code key}, which this side wipes. */
    static LocalIdentity copyOf(NodePrivateKey key) {
        byte[] bytes = key.bytes();
        NodePrivateKey copy = NodePrivateKey.taking(bytes);
        return new LocalIdentity(copy, copy.publicKey());
    }
}
