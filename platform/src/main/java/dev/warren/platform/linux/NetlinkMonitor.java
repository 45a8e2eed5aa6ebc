package dev.warren.platform.linux;

import static dev.warren.platform.linux.Constants.O_NONBLOCK;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Says that interfaces, addresses or routes have changed, for a {@link Poller}. What has changed is read anew with
 * {@link Netlink#links}: notices can be lost, the tables can't. Belongs to one thread; any thread may close it.
 */
public final class NetlinkMonitor implements AutoCloseable {
    /** RTMGRP_LINK, RTMGRP_IPV4_IFADDR, RTMGRP_IPV4_ROUTE, RTMGRP_IPV6_IFADDR, RTMGRP_IPV6_ROUTE. */
    private static final int GROUPS = 0x1 | 0x10 | 0x40 | 0x100 | 0x400;

    private final Descriptor descriptor;
    private final MemorySegment memory = Arena.ofAuto().allocate(1 << 13, 8);

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
        }
    }

    @Override
    public void close() {
        descriptor.close();
    }
}
