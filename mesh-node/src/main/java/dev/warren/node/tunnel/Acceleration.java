package dev.warren.node.tunnel;

import dev.warren.platform.crypto.CipherPreference;
import dev.warren.platform.linux.Offloads;

/**
 * What tunnels may use to be fast, as the user wants it.
 *
 * @param cipher which implementation seals the packets
 * @param offloads the ways to move many packets at once that may be used where they work
 */
public record Acceleration(CipherPreference cipher, Offloads offloads) {
    /** The best that there is. */
    public static final Acceleration BEST = new Acceleration(CipherPreference.AUTO, Offloads.ALL);
}
