package dev.warren.platform.linux;

import static dev.warren.platform.linux.Constants.O_NONBLOCK;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Says that interfaces, addresses or routes have changed, for a {@link Poller}. What has changed is read anew with
 * {@link Netlink#links}: notices can be lost, the tables can't. Belongs to one thread; any thread may close it.
 */
public final class NetlinkMonitor implements AutoCloseable {
    /**
     * RTMGRP_LINK, RTMGRP_IPV4_IFADDR, RTMGRP_IPV4_ROUTE, RTMGRP_IPV4_RULE, RTMGRP_IPV6_IFADDR, RTMGRP_IPV6_ROUTE, and
     * RTNLGRP_IPV6_RULE as a bit.
     */
    private static final int GROUPS = 0x1 | 0x10 | 0x40 | 0x80 | 0x100 | 0x400 | 1 << 18;

    private static final int RTM_NEWLINK = 16;
    private static final int RTM_NEWROUTE = 24;
    private static final int RTM_DELROUTE = 25;
    private static final int RTM_NEWRULE = 32;
    private static final int RTM_DELRULE = 33;
    /** Of the header a message's type u16; of {@code struct rtmsg} behind it how many bits the destination has, u8. */
    private static final int TYPE_PLACE = 4;

    private static final int DESTINATION_BITS_PLACE = NetlinkMessage.HEADER_BYTES + 1;

    /** Of {@code struct ifinfomsg} the interface's index i32 and its flags u32. */
    private static final int INDEX_PLACE = NetlinkMessage.HEADER_BYTES + 4;

    private static final int FLAGS_PLACE = NetlinkMessage.HEADER_BYTES + 8;

    /** More than these are not told one by one. */
    private static final int MOST_ROUTES = 256;

    private final Descriptor descriptor;
    private final MemorySegment memory = Arena.ofAuto().allocate(1 << 13, 8);
    private final Set<ChangedRoute> routes = new LinkedHashSet<>();
    private boolean mayBeAnyRoute;
    private boolean isDefaultRoute;
    private int watchedIndex;
    private boolean wasDown;

    private NetlinkMonitor(Descriptor descriptor) {
        this.descriptor = descriptor;
    }

    /** Watches the namespace of the calling thread, from now on. */
    public static NetlinkMonitor open() throws LinuxException {
        return new NetlinkMonitor(NetlinkSocket.openDescriptor(O_NONBLOCK, GROUPS));
    }

    /** The descriptor, for a {@link Poller}: readable when something has changed. */
    public int descriptor() {
        return descriptor.number();
    }

    /** Takes all notices off; true if there were any (also when some were lost because nobody read them). */
    public boolean drain() {
        boolean any = false;
        while (true) {
            int length = Libc.receive(descriptor.number(), memory, memory.byteSize(), 0);
            if (length < 0 && length != -Errno.ENOBUFS.number()) {
                return any;
            }
            any = true;
            isDefaultRoute |= mayBeDefaultRoute(length);
            note(length);
            wasDown |= isDown(length);
        }
    }

    /**
     * Whether one of the notices that were taken off since the last question was of a default route, or may have been as
     * some were lost. On a machine with many routes that spares reading all of them at every change.
     */
    public boolean takeDefaultRoute() {
        boolean was = isDefaultRoute;
        isDefaultRoute = false;
        return was;
    }

    /**
     * The routes that notices were of since the last question, without default routes; when some were lost, there were very
     * many, or a rule changed which table is looked into, those that stand for all.
     */
    public List<ChangedRoute> takeRoutes() {
        List<ChangedRoute> taken = mayBeAnyRoute ? ChangedRoute.ANY : List.copyOf(routes);
        routes.clear();
        mayBeAnyRoute = false;
        return taken;
    }

    /** Looks at the notices of this interface from now on. */
    public void watch(int interfaceIndex) {
        if (interfaceIndex != watchedIndex) {
            watchedIndex = interfaceIndex;
            wasDown = false;
        }
    }

    /** Whether the interface of {@link #watch} was down since the last question, be it for a moment only. */
    public boolean takeWasDown() {
        boolean was = wasDown;
        wasDown = false;
        return was;
    }

    private boolean isDown(int length) {
        return length >= FLAGS_PLACE + Integer.BYTES
                && memory.get(ValueLayout.JAVA_SHORT, TYPE_PLACE) == RTM_NEWLINK
                && memory.get(ValueLayout.JAVA_INT, INDEX_PLACE) == watchedIndex
                && (memory.get(ValueLayout.JAVA_INT, FLAGS_PLACE) & Constants.IFF_UP) == 0;
    }

    private void note(int length) {
        if (length < NetlinkMessage.HEADER_BYTES || isOf(RTM_NEWRULE, RTM_DELRULE) || routes.size() == MOST_ROUTES) {
            mayBeAnyRoute = true;
        } else if (isOf(RTM_NEWROUTE, RTM_DELROUTE)) {
            byte[] notice = memory.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE);
            NetlinkMessage.decode(notice, length)
                    .forEach(each -> ChangedRoute.read(each).ifPresent(routes::add));
        }
    }

    private boolean isOf(int oneType, int otherType) {
        int type = Short.toUnsignedInt(memory.get(ValueLayout.JAVA_SHORT, TYPE_PLACE));
        return type == oneType || type == otherType;
    }

    /** The kernel sends each notice in a datagram of its own. */
    private boolean mayBeDefaultRoute(int length) {
        if (length <= DESTINATION_BITS_PLACE) {
            return true; // some were lost
        }
        return isOf(RTM_NEWROUTE, RTM_DELROUTE) && memory.get(ValueLayout.JAVA_BYTE, DESTINATION_BITS_PLACE) == 0;
    }

    @Override
    public void close() {
        descriptor.close();
    }
}
