package dev.warren.platform.linux;

import java.net.InetAddress;

/**
 * An address of an interface.
 *
 * @param address the address
 * @param prefixBits length of the network's prefix
 * @param flags IFA_F_ bits (linux/if_addr.h)
 */
public record LinkAddress(InetAddress address, int prefixBits, int flags) {
    private static final int TENTATIVE_OR_FAILED = 0x40 | 0x08;
    private static final int DEPRECATED = 0x20;

    /** Whether packets may leave from it: duplicate detection (IPv6) is through and found nobody else. */
    public boolean isUsable() {
        return (flags & TENTATIVE_OR_FAILED) == 0;
    }

    /** Whether it is on the way out and new conversations should use another. */
    public boolean isDeprecated() {
        return (flags & DEPRECATED) != 0;
    }
}
