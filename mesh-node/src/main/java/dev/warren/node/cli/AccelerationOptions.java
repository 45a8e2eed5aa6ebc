package dev.warren.node.cli;

import dev.warren.node.tunnel.Acceleration;
import dev.warren.platform.crypto.CipherPreference;
import picocli.CommandLine.Option;

/** The flags of {@code warren up} and {@code warren wireguard} that say what may make them fast. */
final class AccelerationOptions {
    @Option(
            names = "--cipher",
            paramLabel = "NAME",
            defaultValue = "auto",
            description = "Whose ChaCha20-Poly1305 seals the packets: auto, libcrypto, vector or jdk.")
    private CipherPreference cipher = CipherPreference.AUTO;

    /** What they say. */
    Acceleration acceleration() {
        return new Acceleration(cipher);
    }
}
