package dev.warren.protocol.wireguard;

import dev.warren.protocol.key.NodePrivateKey;
import dev.warren.protocol.key.NodePublicKey;
import java.util.Arrays;

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
        NodePrivateKey copy = NodePrivateKey.of(bytes);
        Arrays.fill(bytes, (byte) 0);
        return new LocalIdentity(copy, copy.publicKey());
    }
}
