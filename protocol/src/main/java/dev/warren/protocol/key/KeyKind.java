package dev.warren.protocol.key;

import java.util.Optional;

/** The kinds of secret that are kept in files. */
public enum KeyKind {
    /** An X25519 private key: {@link NodePrivateKey}. */
    PRIVATE("private"),
    /** A WireGuard preshared key: {@link PresharedKey}. */
    PRESHARED("preshared"),
    /** An Ed25519 seed: {@link IdentityPrivateKey}. */
    IDENTITY("identity");

    private final String text;

    KeyKind(String text) {
        this.text = text;
    }

    /** The word for it in a {@link SealedKey}. */
    public String text() {
        return text;
    }

    static Optional<KeyKind> of(String text) {
        for (KeyKind kind : values()) {
            if (kind.text.equals(text)) {
                return Optional.of(kind);
            }
        }
        return Optional.empty();
    }
}
