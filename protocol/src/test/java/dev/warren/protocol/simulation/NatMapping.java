package dev.warren.protocol.simulation;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** An inner address with its external port, and who may send to it. */
final class NatMapping {
    /** As much of a remote end as a NAT distinguishes. */
    record Remote(@Nullable InetAddress address, int port) {
        static Remote of(InetSocketAddress end, NatKind.Dependence dependence) {
            return switch (dependence) {
                case NONE -> new Remote(null, 0);
                case ADDRESS -> new Remote(end.getAddress(), 0);
                case ADDRESS_AND_PORT -> new Remote(end.getAddress(), end.getPort());
            };
        }
    }

    final InetSocketAddress inner;
    final int externalPort;
    private final NatKind kind;
    private final Map<Remote, Long> permittedNanos = new HashMap<>();
    private long lastOutNanos;

    NatMapping(InetSocketAddress inner, int externalPort, NatKind kind) {
        this.inner = inner;
        this.externalPort = externalPort;
        this.kind = kind;
    }

    /** A datagram goes out: renews the mapping and this remote end's permission. */
    void out(InetSocketAddress remote, long nowNanos) {
        lastOutNanos = nowNanos;
        permittedNanos.put(Remote.of(remote, kind.filtering()), nowNanos);
    }

    boolean isAlive(long nowNanos) {
        return nowNanos - lastOutNanos < kind.lifetime().toNanos();
    }

    /** Whether the filter lets this remote end in. */
    boolean letsIn(InetSocketAddress remote, long nowNanos) {
        Long last = permittedNanos.get(Remote.of(remote, kind.filtering()));
        return last != null && nowNanos - last < kind.lifetime().toNanos();
    }
}
