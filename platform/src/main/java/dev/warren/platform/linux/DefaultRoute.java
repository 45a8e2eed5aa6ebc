package dev.warren.platform.linux;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A route for everything that has no better one, of whichever table: to tell whether the machine's way out has changed.
 *
 * @param family AF_INET or AF_INET6
 * @param table the routing table's number
 * @param gateway the router, or null: a link to which everything is put, or several routers
 * @param interfaceIndex the interface that leads there; 0 with several routers
 * @param metric the route with the lowest is used
 * @param several the routers where there are several, as the kernel writes them (RTA_MULTIPATH) in hexadecimal digits
 */
public record DefaultRoute(
        int family, int table, @Nullable InetAddress gateway, int interfaceIndex, long metric, String several) {
    // linux/rtnetlink.h; struct rtmsg: family, bits of destination and source, tos, table, protocol, scope, type (u8)
    private static final int DESTINATION_BITS_PLACE = 1;
    private static final int TABLE_PLACE = 4;
    private static final int TYPE_PLACE = 7;
    private static final int RTN_UNICAST = 1;
    private static final int RTA_OIF = 4;
    private static final int RTA_GATEWAY = 5;
    private static final int RTA_PRIORITY = 6;
    private static final int RTA_MULTIPATH = 9;
    private static final int RTA_TABLE = 15;

    /** Reads a row of the route table; empty when it is of another kind. */
    static Optional<DefaultRoute> read(NetlinkMessage row, int fixedBytes) {
        if (row.body().get(DESTINATION_BITS_PLACE) != 0 || row.body().get(TYPE_PLACE) != RTN_UNICAST) {
            return Optional.empty();
        }
        Map<Integer, byte[]> attributes = row.attributes(fixedBytes);
        int table = Byte.toUnsignedInt(row.body().get(TABLE_PLACE));
        return Optional.of(new DefaultRoute(
                row.body().get(0),
                NetlinkMessage.intValue(attributes, RTA_TABLE, table),
                gateway(attributes.get(RTA_GATEWAY)),
                NetlinkMessage.intValue(attributes, RTA_OIF, 0),
                Integer.toUnsignedLong(NetlinkMessage.intValue(attributes, RTA_PRIORITY, 0)),
                HexFormat.of().formatHex(attributes.getOrDefault(RTA_MULTIPATH, new byte[0]))));
    }

    private static @Nullable InetAddress gateway(byte @Nullable [] bytes) {
        try {
            return bytes == null ? null : InetAddress.getByAddress(bytes);
        } catch (UnknownHostException anotherFamily) {
            return null;
        }
    }
}
