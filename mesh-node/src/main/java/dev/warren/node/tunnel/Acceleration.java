package dev.warren.node.tunnel;

import dev.warren.platform.crypto.CipherPreference;

/**
 * What tunnels may use to be fast, as the user wants it.
 *
 * @param cipher which implementation seals the packets
 */
public record Acceleration(CipherPreference cipher) {
    /** The best that there is. */
    public static final Acceleration BEST = new Acceleration(CipherPreference.AUTO);
}
