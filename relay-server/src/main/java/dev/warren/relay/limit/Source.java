package dev.warren.relay.limit;

import java.net.InetAddress;
import java.nio.ByteBuffer;

/** Whom an address is counted for: itself when it is IPv4, its /64 when it is IPv6, which is what one customer gets. */
record Source(boolean isIpv6, long bits) {
    private static final int IPV4_LENGTH = 4;
    /** The first 80 bits are 0 and the next 16 are 1 in IPv4 addresses that are written as IPv6. */
    private static final int MAPPED_AT = 8;

    private static final int MAPPED = 0x0000_ffff;

    static Source of(InetAddress address) {
        ByteBuffer bytes = ByteBuffer.wrap(address.getAddress());
        if (bytes.limit() == IPV4_LENGTH) {
            return new Source(false, bytes.getInt(0));
        }
        if (bytes.getLong(0) == 0 && bytes.getInt(MAPPED_AT) == MAPPED) {
            return new Source(false, bytes.getInt(MAPPED_AT + IPV4_LENGTH));
        }
        return new Source(true, bytes.getLong(0));
    }
}
