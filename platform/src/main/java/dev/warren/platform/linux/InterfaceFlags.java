package dev.warren.platform.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;

/**
 * Whether one interface is switched on, in the network namespace of the thread that opens this (netdevice(7)): a system
 * call, for where {@link NetlinkMonitor}'s notice may not have come yet. Belongs to one thread; any thread may close it.
 */
public final class InterfaceFlags implements AutoCloseable {
    /** {@code struct ifreq}: the name, 16 bytes with its end; flags u16; 40 bytes in all. */
    private static final int NAME_BYTES = 16;

    private static final int IFREQ_BYTES = 40;

    private final Descriptor descriptor;
    private final byte[] name;
    private final MemorySegment request = Arena.ofAuto().allocate(IFREQ_BYTES, 8);

    private InterfaceFlags(Descriptor descriptor, byte[] name) {
        this.descriptor = descriptor;
        this.name = name;
    }

    /** For the interface {@code name}, which need not exist. */
    public static InterfaceFlags open(String name) throws LinuxException {
        // Any socket will do; one of netlink is there on a machine without IPv4 too.
        return new InterfaceFlags(NetlinkSocket.openDescriptor(0, 0), name.getBytes(StandardCharsets.UTF_8));
    }

    /** Whether the interface is there and switched on. */
    public boolean isUp() {
        request.fill((byte) 0);
        MemorySegment.copy(name, 0, request, ValueLayout.JAVA_BYTE, 0, Math.min(name.length, NAME_BYTES - 1));
        return Libc.ioctl(descriptor.number(), Constants.SIOCGIFFLAGS, request) >= 0
                && (request.get(ValueLayout.JAVA_SHORT, NAME_BYTES) & Constants.IFF_UP) != 0;
    }

    @Override
    public void close() {
        descriptor.close();
    }
}
