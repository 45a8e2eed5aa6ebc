package dev.warren.platform.linux;

import static dev.warren.platform.linux.Constants.TUN_F_CSUM;
import static dev.warren.platform.linux.Constants.TUN_F_TSO4;
import static dev.warren.platform.linux.Constants.TUN_F_TSO6;
import static dev.warren.platform.linux.Constants.TUN_F_USO4;
import static dev.warren.platform.linux.Constants.TUN_F_USO6;

/**
 * What a {@link TunDevice} may leave to its reader (if_tun.h, TUNSETOFFLOAD): super-packets that still have to be cut,
 * and sums that still have to be made. Congestion marks of TCP (TUN_F_TSO_ECN) are not among them: the few super-packets
 * that carry CWR are cut by the kernel.
 *
 * @param checksum packets may come without the sum of TCP and UDP
 * @param tcp TCP super-packets of both families, up to 64 KB
 * @param udp UDP super-packets of both families; kernel 6.2 or newer
 */
public record TunOffloads(boolean checksum, boolean tcp, boolean udp) {
    /** Plain packets only. */
    public static final TunOffloads NONE = new TunOffloads(false, false, false);

    /** All that this package knows. */
    public static final TunOffloads ALL = new TunOffloads(true, true, true);

    /** A super-packet has no sums: the kernel grants the other two with the first only. */
    public TunOffloads {
        if ((tcp || udp) && !checksum) {
            throw new IllegalArgumentException("super-packets go with open checksums");
        }
    }

    boolean isNone() {
        return equals(NONE);
    }

    /** The bits of TUNSETOFFLOAD. */
    int bits() {
        return (checksum ? TUN_F_CSUM : 0) | (tcp ? TUN_F_TSO4 | TUN_F_TSO6 : 0) | (udp ? TUN_F_USO4 | TUN_F_USO6 : 0);
    }

    TunOffloads withoutUdp() {
        return new TunOffloads(checksum, tcp, false);
    }

    TunOffloads withoutSuperPackets() {
        return new TunOffloads(checksum, false, false);
    }
}
