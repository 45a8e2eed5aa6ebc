package dev.warren.protocol.simulation;

import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** A NAT's mappings, by what is inside and by external port. */
final class NatTable {
    private static final int FIRST_PORT = 32_768;
    private static final int PORTS = 65_536 - FIRST_PORT;

    private record Key(InetSocketAddress inner, NatMapping.Remote remote) {}

    private final NatKind kind;
    private final RandomGenerator random;
    private final Map<Key, NatMapping> byInner = new HashMap<>();
    private final Map<Integer, NatMapping> byPort = new HashMap<>();

    NatTable(NatKind kind, RandomGenerator random) {
        this.kind = kind;
        this.random = random;
    }

    /** The mapping that a datagram from inside uses, made when there is none; renewed. */
    NatMapping out(InetSocketAddress inner, InetSocketAddress remote, long nowNanos) {
        Key key = new Key(inner, NatMapping.Remote.of(remote, kind.mapping()));
        NatMapping mapping = byInner.get(key);
        if (mapping == null || !mapping.isAlive(nowNanos)) {
            if (mapping != null) {
                byPort.remove(mapping.externalPort, mapping);
            }
            mapping = new NatMapping(inner, freePort(inner.getPort(), nowNanos), kind);
            byInner.put(key, mapping);
            byPort.put(mapping.externalPort, mapping);
        }
        mapping.out(remote, nowNanos);
        return mapping;
    }

    /** The living mapping of an external port. */
    @Nullable
    NatMapping in(int externalPort, long nowNanos) {
        NatMapping mapping = byPort.get(externalPort);
        return mapping != null && mapping.isAlive(nowNanos) ? mapping : null;
    }

    void clear() {
        byInner.clear();
        byPort.clear();
    }

    private int freePort(int innerPort, long nowNanos) {
        if (kind.preservesPorts() && in(innerPort, nowNanos) == null) {
            return innerPort;
        }
        int port;
        do {
            port = FIRST_PORT + random.nextInt(PORTS);
        } while (in(port, nowNanos) != null);
        return port;
    }
}
