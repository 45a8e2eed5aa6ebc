package dev.warren.platform.linux;

import static dev.warren.platform.linux.Constants.AF_INET;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Map;
import java.util.Optional;

/**
 * The router of a default route.
 *
 * @param address its address; one of IPv6 that is link-local has its interface as scope, so that it can be sent to
 * @param interfaceIndex the interface that leads to it
 * @param metric the route with the lowest is used
 */
public record Gateway(InetAddress address, int interfaceIndex, long metric) {
    // linux/rtnetlink.h; struct rtmsg: family, bits of destination and source, tos, table, protocol, scope, type (u8)
    private static final int DESTINATION_BITS_PLACE = 1;
    private static final int TABLE_PLACE = 4;
    private static final int TYPE_PLACE = 7;
    private static final int RT_TABLE_MAIN = 254;
    private static final int RTN_UNICAST = 1;
    private static final int RTA_OIF = 4;
    private static final int RTA_GATEWAY = 5;
    private static final int RTA_PRIORITY = 6;

    /** The router in a row of the route table; empty when the row is another route, or several routers share it. */
    static Optional<Gateway> read(NetlinkMessage row, int family, int fixedBytes) {
        boolean isDefault = row.body().get(0) == family
                && row.body().get(DESTINATION_BITS_PLACE) == 0
                && Byte.toUnsignedInt(row.body().get(TABLE_PLACE)) == RT_TABLE_MAIN
                && row.body().get(TYPE_PLACE) == RTN_UNICAST;
        Map<Integer, byte[]> attributes = row.attributes(fixedBytes);
        byte[] router = attributes.get(RTA_GATEWAY);
        if (!isDefault || router == null || router.length != (family == AF_INET ? 4 : 16)) {
            return Optional.empty();
        }
        int index = NetlinkMessage.intValue(attributes, RTA_OIF, 0);
        long metric = Integer.toUnsignedLong(NetlinkMessage.intValue(attributes, RTA_PRIORITY, 0));
        return Optional.of(new Gateway(address(router, index), index, metric));
    }

    private static InetAddress address(byte[] bytes, int interfaceIndex) {
        try {
            InetAddress address = InetAddress.getByAddress(bytes);
            return address instanceof Inet6Address && address.isLinkLocalAddress()
                    ? Inet6Address.getByAddress(null, bytes, interfaceIndex)
                    : address;
        } catch (UnknownHostException impossible) {
            throw new AssertionError("4 and 16 bytes are an address", impossible);
        }
    }
}
