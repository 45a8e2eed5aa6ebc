package dev.warren.node;

import dev.warren.node.tunnel.Acceleration;
import dev.warren.protocol.coordination.JoinToken;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * What a node is started with.
 *
 * @param stateDir folder of its keys and its socket; made when missing
 * @param token needed at the first start only
 * @param interfaceName of its TUN device
 * @param port UDP port of WireGuard; 0 = any
 * @param hostName what it would like to be called in the mesh
 * @param software name and version of the program, for people
 * @param acceleration what may make it fast
 */
public record NodeConfig(
        Path stateDir,
        @Nullable JoinToken token,
        String interfaceName,
        int port,
        String hostName,
        String software,
        Acceleration acceleration) {
    /** The TUN device's usual name. */
    public static final String DEFAULT_INTERFACE = "warren0";

    /** Fits every path: IPv6 asks for 1280 bytes, and 80 of WireGuard and IP leave room for what lies between. */
    public static final int MTU_BYTES = 1280;
}
