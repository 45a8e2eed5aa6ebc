package dev.warren.platform.linux;

import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/**
 * How a {@link TcpSocket} connects.
 *
 * @param source the address to come from, null for the one that the kernel chooses. A machine has some 28,000 ports for
 *     each pair of addresses, so that more connections to one server need several sources
 * @param receiveBufferBytes how much the kernel keeps for a reader that is behind (it takes the double); 0 leaves that
 *     to the kernel
 */
public record TcpOptions(@Nullable InetAddress source, int receiveBufferBytes) {
    /** What the kernel chooses. */
    public static final TcpOptions DEFAULT = new TcpOptions(null, 0);
}
