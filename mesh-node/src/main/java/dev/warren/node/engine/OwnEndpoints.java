package dev.warren.node.engine;

import java.net.InetSocketAddress;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Where peers may reach this agent: where its socket is seen from outside, then the addresses of the machine. */
final class OwnEndpoints {
    private static final int MAX_ENDPOINTS = 24;

    private @Nullable List<InetSocketAddress> local;
    private List<InetSocketAddress> all = List.of();

    /** All of them, as peers should be told. */
    List<InetSocketAddress> all() {
        return all;
    }

    /** The machine's addresses, with the socket's port, are these now; what that changes. */
    NetworkChange setLocal(List<InetSocketAddress> now) {
        List<InetSocketAddress> before = local;
        local = List.copyOf(now);
        if (before == null || before.equals(now)) {
            return NetworkChange.NONE;
        }
        return new NetworkChange(!before.containsAll(now), !now.containsAll(before), 0);
    }

    /** Puts them together anew; true when they are others than before. */
    boolean update(Collection<InetSocketAddress> mapped) {
        Set<InetSocketAddress> together = new LinkedHashSet<>(mapped);
        together.addAll(local == null ? List.of() : local);
        List<InetSocketAddress> now = together.stream().limit(MAX_ENDPOINTS).toList();
        boolean isChanged = !now.equals(all);
        all = now;
        return isChanged;
    }
}
