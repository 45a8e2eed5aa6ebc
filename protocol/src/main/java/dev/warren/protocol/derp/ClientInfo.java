package dev.warren.protocol.derp;

import dev.warren.protocol.key.MeshKey;
import org.jspecify.annotations.Nullable;

/**
 * What a client tells a relay when it logs in.
 *
 * @param meshKey the region's shared secret, from its other relays only
 * @param version the protocol version; 0 when the client does not say
 * @param canAckPings whether it answers pings
 * @param isProber whether it only measures
 * @param appName what it calls itself, for statistics; empty when it does not say
 */
public record ClientInfo(
        @Nullable MeshKey meshKey, int version, boolean canAckPings, boolean isProber, String appName) {
    /** The version of the protocol that this package speaks. */
    public static final int VERSION = 2;

    /** What a Warren node says of itself. */
    public static ClientInfo node() {
        return new ClientInfo(null, VERSION, true, false, "");
    }
}
