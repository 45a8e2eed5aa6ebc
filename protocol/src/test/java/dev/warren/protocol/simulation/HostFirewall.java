package dev.warren.protocol.simulation;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/** A host's stateful firewall: lets in what answers a flow that began inside and has not been silent for too long. */
final class HostFirewall {
    private record Flow(int port, InetSocketAddress remote) {}

    private final Map<Flow, Long> lastNanos = new HashMap<>();
    private final long lifetimeNanos;

    HostFirewall(Duration lifetime) {
        lifetimeNanos = lifetime.toNanos();
    }

    void out(int port, InetSocketAddress remote, long nowNanos) {
        lastNanos.put(new Flow(port, remote), nowNanos);
    }

    boolean letsIn(int port, InetSocketAddress remote, long nowNanos) {
        Flow flow = new Flow(port, remote);
        Long last = lastNanos.get(flow);
        if (last == null || nowNanos - last >= lifetimeNanos) {
            return false;
        }
        lastNanos.put(flow, nowNanos);
        return true;
    }
}
