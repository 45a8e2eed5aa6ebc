package dev.warren.platform.linux;

import static dev.warren.platform.linux.Constants.AF_INET;
import static dev.warren.platform.linux.Constants.AF_INET6;
import static dev.warren.platform.linux.Constants.AF_UNSPEC;

import dev.warren.protocol.wireguard.IpPrefix;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Interfaces, addresses and routes of the network namespace it was opened in (rtnetlink(7)). Changing anything needs
 * CAP_NET_ADMIN. Calls wait for the kernel's answer, which comes at once. Belongs to one thread at a time.
 */
public final class Netlink implements AutoCloseable {
    // linux/rtnetlink.h: types, and the sizes of their fixed parts
    private static final int RTM_NEWLINK = 16;
    private static final int RTM_DELLINK = 17;
    private static final int RTM_GETLINK = 18;
    private static final int RTM_NEWADDR = 20;
    private static final int RTM_DELADDR = 21;
    private static final int RTM_GETADDR = 22;
    private static final int RTM_NEWROUTE = 24;
    private static final int RTM_DELROUTE = 25;
    private static final int RTM_GETROUTE = 26;
    private static final int IFINFO_BYTES = 16;
    private static final int IFADDR_BYTES = 8;
    private static final int ROUTE_BYTES = 12;

    private static final int NLM_F_REPLACE = 0x100;
    private static final int NLM_F_CREATE = 0x400;
    private static final int IFLA_IFNAME = 3;
    private static final int IFLA_MTU = 4;
    private static final int IFLA_AF_SPEC = 26;
    private static final int IFLA_INET6_ADDR_GEN_MODE = 8;
    private static final byte IN6_ADDR_GEN_MODE_NONE = 1;
    private static final int IFA_ADDRESS = 1;
    private static final int IFA_LOCAL = 2;
    private static final int IFA_FLAGS = 8;
    private static final int IFA_F_NODAD = 2;
    private static final int RTA_DST = 1;
    private static final int RTA_OIF = 4;
    private static final int RT_TABLE_MAIN = 254;
    private static final int RTPROT_BOOT = 3;
    private static final int RT_SCOPE_UNIVERSE = 0;
    private static final int RT_SCOPE_LINK = 253;
    private static final int RTN_UNICAST = 1;

    private static final int MAX_BODY_BYTES = 128;

    private final NetlinkSocket socket;

    private Netlink(NetlinkSocket socket) {
        this.socket = socket;
    }

    /** A connection to the namespace of the calling thread. */
    public static Netlink open() throws LinuxException {
        return new Netlink(NetlinkSocket.open());
    }

    /** All interfaces with their addresses, by index. */
    public List<Link> links() throws LinuxException {
        String action = "list the network interfaces";
        List<NetlinkMessage> addresses =
                socket.dump(RTM_GETADDR, fixed(IFADDR_BYTES, AF_UNSPEC), "list the addresses of this machine");
        List<Link> links = new ArrayList<>();
        for (NetlinkMessage row : socket.dump(RTM_GETLINK, fixed(IFINFO_BYTES, AF_UNSPEC), action)) {
            if (row.type() == RTM_NEWLINK && row.body().capacity() >= IFINFO_BYTES) {
                links.add(link(row, addresses));
            }
        }
        links.sort(Comparator.comparingInt(Link::index));
        return links;
    }

    /** The interface of that name, or null. */
    public @Nullable Link link(String name) throws LinuxException {
        return links().stream()
                .filter(link -> link.name().equals(name))
                .findFirst()
                .orElse(null);
    }

    /** The routers that everything else is sent to, of the main table: IPv4 first, then by metric. */
    public List<Gateway> gateways() throws LinuxException {
        List<Gateway> gateways = new ArrayList<>();
        for (int family : new int[] {AF_INET, AF_INET6}) {
            List<Gateway> found = new ArrayList<>();
            for (NetlinkMessage row :
                    socket.dump(RTM_GETROUTE, fixed(ROUTE_BYTES, family), "list the routes of this machine")) {
                if (row.type() == RTM_NEWROUTE && row.body().capacity() >= ROUTE_BYTES) {
                    Gateway.read(row, family, ROUTE_BYTES).ifPresent(found::add);
                }
            }
            found.sort(Comparator.comparingLong(Gateway::metric));
            gateways.addAll(found);
        }
        return List.copyOf(gateways);
    }

    /** The routes for everything that has no better one, of all tables. */
    public List<DefaultRoute> defaultRoutes() throws LinuxException {
        List<DefaultRoute> routes = new ArrayList<>();
        for (NetlinkMessage row :
                socket.dump(RTM_GETROUTE, fixed(ROUTE_BYTES, AF_UNSPEC), "list the routes of this machine")) {
            if (row.type() == RTM_NEWROUTE && row.body().capacity() >= ROUTE_BYTES) {
                DefaultRoute.read(row, ROUTE_BYTES).ifPresent(routes::add);
            }
        }
        return List.copyOf(routes);
    }

    /** Sets the MTU and switches the interface on. */
    public void bringUp(String name, int mtuBytes) throws LinuxException {
        ByteBuffer body = linkBody(index(name), Constants.IFF_UP, Constants.IFF_UP);
        NetlinkMessage.attribute(body, IFLA_MTU, mtuBytes);
        socket.request(RTM_NEWLINK, 0, body, "switch the interface " + name + " on with an MTU of " + mtuBytes);
    }

    /** Sets the MTU and nothing else. */
    public void setMtu(String name, int mtuBytes) throws LinuxException {
        ByteBuffer body = linkBody(index(name), 0, 0);
        NetlinkMessage.attribute(body, IFLA_MTU, mtuBytes);
        socket.request(RTM_NEWLINK, 0, body, "set the MTU of the interface " + name + " to " + mtuBytes);
    }

    /**
     * Keeps the kernel from giving the interface a link-local IPv6 address when it is switched on: in a tunnel nobody
     * answers to it, and what it sends (router solicitations, MLD) would be dropped by the engine. Without IPv6 on the
     * machine there is nothing to do.
     */
    public void withoutLinkLocal(String name) throws LinuxException {
        ByteBuffer mode = NetlinkMessage.body(MAX_BODY_BYTES);
        NetlinkMessage.attribute(mode, IFLA_INET6_ADDR_GEN_MODE, new byte[] {IN6_ADDR_GEN_MODE_NONE});
        ByteBuffer family = NetlinkMessage.body(MAX_BODY_BYTES);
        NetlinkMessage.attribute(family, AF_INET6, written(mode));
        ByteBuffer body = linkBody(index(name), 0, 0);
        NetlinkMessage.attribute(body, IFLA_AF_SPEC, written(family));
        try {
            socket.request(RTM_NEWLINK, 0, body, "keep link-local addresses off the interface " + name);
        } catch (LinuxException refused) {
            if (!refused.is(Errno.EAFNOSUPPORT)) {
                throw refused;
            }
        }
    }

    /** Switches the interface off; its routes go with it. */
    public void takeDown(String name) throws LinuxException {
        socket.request(
                RTM_NEWLINK, 0, linkBody(index(name), 0, Constants.IFF_UP), "switch the interface " + name + " off");
    }

    /** Deletes a virtual interface. */
    public void delete(String name) throws LinuxException {
        socket.request(RTM_DELLINK, 0, linkBody(index(name), 0, 0), "delete the interface " + name);
    }

    /** Gives the interface an address with its network; one that is there already is left as it is. */
    public void addAddress(String name, InetAddress address, int prefixBits) throws LinuxException {
        socket.request(
                RTM_NEWADDR,
                NLM_F_CREATE | NLM_F_REPLACE,
                addressBody(name, address, prefixBits),
                "give the interface " + name + " the address " + text(address, prefixBits));
    }

    /** Takes an address away. */
    public void removeAddress(String name, InetAddress address, int prefixBits) throws LinuxException {
        socket.request(
                RTM_DELADDR,
                0,
                addressBody(name, address, prefixBits),
                "take the address " + text(address, prefixBits) + " from the interface " + name);
    }

    /** Sends a block of addresses into the interface, which has to be up; replaces an equal route in the main table. */
    public void addRoute(IpPrefix block, String name) throws LinuxException {
        socket.request(
                RTM_NEWROUTE,
                NLM_F_CREATE | NLM_F_REPLACE,
                routeBody(block, name),
                "route " + block + " into the interface " + name);
    }

    /** Takes such a route away. */
    public void removeRoute(IpPrefix block, String name) throws LinuxException {
        socket.request(
                RTM_DELROUTE,
                0,
                routeBody(block, name),
                "remove the route for " + block + " into the interface " + name);
    }

    @Override
    public void close() {
        socket.close();
    }

    private int index(String name) throws LinuxException {
        Link link = link(name);
        if (link == null) {
            throw new LinuxException("There is no interface " + name + " on this machine.", Errno.ENODEV.number());
        }
        return link.index();
    }

    /** A fixed part with the family and zeros, as a dump asks for everything. */
    private static ByteBuffer fixed(int bytes, int family) {
        return NetlinkMessage.body(bytes).put((byte) family).position(bytes);
    }

    /** {@code ifinfomsg}: family u8, padding, type u16, index i32, flags u32, mask of flags that change u32. */
    private static ByteBuffer linkBody(int index, int flags, int change) {
        ByteBuffer body = NetlinkMessage.body(MAX_BODY_BYTES);
        return body.putInt(AF_UNSPEC).putInt(index).putInt(flags).putInt(change);
    }

    /** {@code ifaddrmsg}: family, prefix length, flags, scope (u8 each), index u32. */
    private ByteBuffer addressBody(String name, InetAddress address, int prefixBits) throws LinuxException {
        byte[] bytes = address.getAddress();
        ByteBuffer body = NetlinkMessage.body(MAX_BODY_BYTES);
        body.put((byte) family(bytes)).put((byte) prefixBits).put((byte) 0).put((byte) RT_SCOPE_UNIVERSE);
        body.putInt(index(name));
        NetlinkMessage.attribute(body, IFA_LOCAL, bytes);
        NetlinkMessage.attribute(body, IFA_ADDRESS, bytes);
        if (bytes.length == 16) {
            // The address is ours by design; waiting a second for a neighbour that can't exist helps nobody.
            NetlinkMessage.attribute(body, IFA_FLAGS, IFA_F_NODAD);
        }
        return body;
    }

    /**
     * {@code rtmsg}: family, bits of destination and source, tos, table, protocol, scope, type (u8 each), flags u32.
     */
    private ByteBuffer routeBody(IpPrefix block, String name) throws LinuxException {
        byte[] bytes = block.address().getAddress();
        int scope = bytes.length == 4 ? RT_SCOPE_LINK : RT_SCOPE_UNIVERSE;
        ByteBuffer body = NetlinkMessage.body(MAX_BODY_BYTES);
        body.put((byte) family(bytes)).put((byte) block.bits()).put((byte) 0).put((byte) 0);
        body.put((byte) RT_TABLE_MAIN).put((byte) RTPROT_BOOT).put((byte) scope).put((byte) RTN_UNICAST);
        body.putInt(0);
        NetlinkMessage.attribute(body, RTA_DST, bytes);
        NetlinkMessage.attribute(body, RTA_OIF, index(name));
        return body;
    }

    private static Link link(NetlinkMessage row, List<NetlinkMessage> addressRows) {
        Map<Integer, byte[]> attributes = row.attributes(IFINFO_BYTES);
        int index = row.body().getInt(4);
        List<LinkAddress> addresses = new ArrayList<>();
        for (NetlinkMessage addressRow : addressRows) {
            if (addressRow.body().capacity() >= IFADDR_BYTES
                    && addressRow.body().getInt(4) == index) {
                addAddress(addressRow, addresses);
            }
        }
        return new Link(
                NetlinkMessage.text(attributes, IFLA_IFNAME),
                index,
                row.body().getInt(8),
                NetlinkMessage.intValue(attributes, IFLA_MTU, 0),
                addresses);
    }

    private static void addAddress(NetlinkMessage row, List<LinkAddress> addresses) {
        Map<Integer, byte[]> attributes = row.attributes(IFADDR_BYTES);
        // On a point-to-point link IFA_ADDRESS is the other end; IFA_LOCAL is missing with IPv6.
        byte[] bytes = attributes.getOrDefault(IFA_LOCAL, attributes.get(IFA_ADDRESS));
        int bits = Byte.toUnsignedInt(row.body().get(1));
        int flags = NetlinkMessage.intValue(
                attributes, IFA_FLAGS, Byte.toUnsignedInt(row.body().get(2)));
        try {
            if (bytes != null) {
                addresses.add(new LinkAddress(InetAddress.getByAddress(bytes), bits, flags));
            }
        } catch (UnknownHostException notAnIpAddress) {
            // Another family's address has another length: not for us.
        }
    }

    private static byte[] written(ByteBuffer body) {
        byte[] bytes = new byte[body.position()];
        body.get(0, bytes);
        return bytes;
    }

    private static int family(byte[] address) {
        return address.length == 4 ? AF_INET : AF_INET6;
    }

    private static String text(InetAddress address, int prefixBits) {
        return address.getHostAddress() + "/" + prefixBits;
    }
}
