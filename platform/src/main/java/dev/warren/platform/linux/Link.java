package dev.warren.platform.linux;

import java.util.List;

/**
 * A network interface.
 *
 * @param name its name
 * @param index its number in the namespace
 * @param flags IFF_ bits (linux/if.h)
 * @param mtuBytes the largest packet
 * @param addresses what it holds, IPv4 before IPv6
 */
public record Link(String name, int index, int flags, int mtuBytes, List<LinkAddress> addresses) {
    private static final int IFF_LOOPBACK = 8;

    /** Keeps its own copy of the addresses. */
    public Link {
        addresses = List.copyOf(addresses);
    }

    /** Whether it was switched on. */
    public boolean isUp() {
        return (flags & Constants.IFF_UP) != 0;
    }

    /** Whether it leads back to this machine. */
    public boolean isLoopback() {
        return (flags & IFF_LOOPBACK) != 0;
    }
}
