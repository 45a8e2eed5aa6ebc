package dev.warren.coordinator.registry;

/** A token that was made: the secret to give away, and what the store has to keep. */
public record NewToken(String secret, Write write) {
    /** Without the secret. */
    @Override
    public String toString() {
        return "NewToken[" + write.key() + "]";
    }
}
