package dev.warren.protocol.wireguard;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The addresses that peers are expected to speak from: where they were last, and whatever the owner was told of them.
 * Their handshakes go first when many come at once. It proves nothing, as anybody can write any address into a packet; so
 * it only decides about an order, and in small numbers ({@link SourceLimiter}).
 *
 * <p>An IPv6 address stands for its /64, within which hosts change theirs.
 */
public final class KnownSources {
    private final Map<Long, Integer> uses = new HashMap<>();

    KnownSources() {}

    /** Somebody is expected at {@code address}; to be taken back by {@link #remove} as often as it was added. */
    public void add(InetAddress address) {
        uses.merge(number(address), 1, Integer::sum);
    }

    /** Takes one {@link #add} back. */
    public void remove(InetAddress address) {
        uses.computeIfPresent(number(address), (_, count) -> count == 1 ? null : count - 1);
    }

    /** Somebody has gone from one place to another; null and addresses without IP are no places. */
    public void move(@Nullable InetSocketAddress from, @Nullable InetSocketAddress to) {
        if (to != null && to.getAddress() != null) {
            add(to.getAddress());
        }
        if (from != null && from.getAddress() != null) {
            remove(from.getAddress());
        }
    }

    /** A view: the bytes of each IPv4 address as a number, the first eight of each IPv6 address, both big-endian. */
    public Set<Long> numbers() {
        return Collections.unmodifiableSet(uses.keySet());
    }

    /** Whether somebody is expected from within {@code block}, or from a /64 that it is a part of. */
    public boolean isAnyIn(IpPrefix block) {
        boolean isIpv4 = block.address().getAddress().length == Integer.BYTES;
        int width = isIpv4 ? Integer.SIZE : Long.SIZE;
        int free = Math.max(0, width - block.bits());
        long wanted = number(block.address());
        return uses.keySet().stream()
                .anyMatch(number -> number >>> Integer.SIZE == 0 == isIpv4
                        && (free == Long.SIZE || (number ^ wanted) >>> free == 0));
    }

    boolean contains(InetAddress address) {
        return uses.containsKey(number(address));
    }

    /** The four bytes of an IPv4 address, the first eight of an IPv6 address, which are never so small. */
    static long number(InetAddress address) {
        byte[] bytes = address.getAddress();
        long number = 0;
        for (int i = 0; i < Math.min(bytes.length, Long.BYTES); i++) {
            number = number << Byte.SIZE | Byte.toUnsignedInt(bytes[i]);
        }
        return number;
    }
}
