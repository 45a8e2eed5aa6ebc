package dev.warren.platform.linux;

import dev.warren.protocol.wireguard.IpPrefix;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A route that has come or gone, or has become another: to where, of whichever table.
 *
 * @param destination what it is for
 * @param interfaceIndex the interface that it leads to; 0 for none, several, or one that is not known
 * @param isGone whether it has been taken away
 */
public record ChangedRoute(IpPrefix destination, int interfaceIndex, boolean isGone) {
    /** What is said when a rule was changed, or notices were lost: any route may have gone. */
    static final List<ChangedRoute> ANY = List.of(
            new ChangedRoute(IpPrefix.parse("0.0.0.0/0"), 0, true), new ChangedRoute(IpPrefix.parse("::/0"), 0, true));

    // linux/rtnetlink.h; struct rtmsg: family, bits of destination and source, tos, table, protocol, scope, type (u8),
    // flags u32
    private static final int ROUTE_BYTES = 12;
    private static final int DESTINATION_BITS_PLACE = 1;
    private static final int TYPE_PLACE = 7;
    private static final int FLAGS_PLACE = 8;
    private static final int RTM_F_CLONED = 0x200;
    private static final int RTM_DELROUTE = 25;
    private static final int RTA_DST = 1;
    private static final int RTA_OIF = 4;
    /** RTN_LOCAL, RTN_BROADCAST, RTN_ANYCAST, RTN_MULTICAST: they come and go with addresses. */
    private static final Set<Byte> OF_ADDRESSES = Set.of((byte) 2, (byte) 3, (byte) 4, (byte) 5);

    /** Reads a notice of a route; empty when it is of an address, of a default route, or of no IP address. */
    static Optional<ChangedRoute> read(NetlinkMessage notice) {
        if (notice.body().capacity() < ROUTE_BYTES
                || OF_ADDRESSES.contains(notice.body().get(TYPE_PLACE))
                || (notice.body().getInt(FLAGS_PLACE) & RTM_F_CLONED) != 0) {
            return Optional.empty();
        }
        int bits = Byte.toUnsignedInt(notice.body().get(DESTINATION_BITS_PLACE));
        Map<Integer, byte[]> attributes = notice.attributes(ROUTE_BYTES);
        byte[] destination = attributes.get(RTA_DST);
        if (bits == 0 || destination == null || bits > Byte.SIZE * destination.length) {
            return Optional.empty();
        }
        try {
            return Optional.of(new ChangedRoute(
                    IpPrefix.of(destination, bits),
                    NetlinkMessage.intValue(attributes, RTA_OIF, 0),
                    notice.type() == RTM_DELROUTE));
        } catch (UnknownHostException anotherFamily) {
            return Optional.empty();
        }
    }
}
