package dev.warren.node.tunnel;

import dev.warren.platform.linux.InterfaceFlags;
import dev.warren.platform.linux.Link;
import dev.warren.platform.linux.LinuxException;
import dev.warren.platform.linux.NamespaceFile;
import dev.warren.platform.linux.Netlink;
import dev.warren.platform.linux.NetlinkMonitor;
import dev.warren.platform.linux.NetworkNamespace;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * The network namespace into which the TUN device was moved, where it is watched then.
 *
 * @param netlink for the state of the device
 * @param notices that tell of its changes
 * @param flags for the datapath, which closes them
 * @param name the device's
 */
record DevicePlace(Netlink netlink, NetlinkMonitor notices, InterfaceFlags flags, String name)
        implements AutoCloseable {
    /** The place behind {@code file}. Throws when this process may not look there. */
    static DevicePlace open(NamespaceFile file, String name) throws IOException {
        try (NetworkNamespace namespace = NetworkNamespace.enter(file)) {
            return namespace.call(() -> here(name));
        }
    }

    private static DevicePlace here(String name) throws LinuxException {
        Netlink netlink = Netlink.open();
        NetlinkMonitor notices = null;
        try {
            notices = NetlinkMonitor.open();
            return new DevicePlace(netlink, notices, InterfaceFlags.open(name), name);
        } catch (LinuxException refused) {
            netlink.close();
            if (notices != null) {
                notices.close();
            }
            throw refused;
        }
    }

    /** The device as it is now; null when it is here no more. */
    @Nullable
    Link device() throws LinuxException {
        return netlink.link(name);
    }

    @Override
    public void close() {
        netlink.close();
        notices.close();
    }
}
