package dev.warren.node.keys;

import dev.warren.protocol.key.KeyKind;

/**
 * What can be told of a kept key without its secret.
 *
 * @param id its name
 * @param kind what it is
 * @param place where it is kept
 * @param isSealed whether it needs a passphrase
 * @param publicText its public half (in base64 for a private key, {@code idkey:} and hex for an identity), empty for a
 *     preshared key or when it can't be told; of a sealed key it is what its file says
 * @param problem why it can't be used, as one sentence; empty when it can
 */
public record StoredKey(KeyId id, KeyKind kind, Place place, boolean isSealed, String publicText, String problem) {
    /** Where a key is kept. */
    public enum Place {
        /** In a file of the folder. */
        FOLDER,
        /** In systemd's folder of credentials, which goes before the other and can't be written. */
        CREDENTIAL
    }
}
