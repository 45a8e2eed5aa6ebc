package dev.warren.node.tunnel;

import dev.warren.node.engine.NetworkChange;
import dev.warren.platform.linux.ChangedRoute;
import dev.warren.platform.linux.Clock;
import dev.warren.platform.linux.DefaultRoute;
import dev.warren.platform.linux.InterfaceFlags;
import dev.warren.platform.linux.Link;
import dev.warren.platform.linux.LinuxException;
import dev.warren.platform.linux.NamespaceFile;
import dev.warren.platform.linux.Netlink;
import dev.warren.platform.linux.NetlinkMonitor;
import dev.warren.platform.linux.Poller;
import dev.warren.protocol.wireguard.SourceAddress;
import java.io.IOException;
import java.net.InetAddress;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Watches the machine's network for a tunnel: addresses, routes, whether the machine has slept, and the tunnel's
 * own device. Its own thread waits for the kernel's notices. It watches the network namespace of the thread that opens
 * it, and when the device is moved elsewhere, the device there.
 */
public final class InterfaceMonitor implements AutoCloseable {
    /** What is told, on the monitor's thread: all but {@link #slept} and {@link #moved} at the start too. */
    public interface Listener {
        /**
         * What {@link LocalAddresses#usable} says, what has become of the network since it was told last, and from where
         * messages may go on to leave that did so before; which other routes are no longer what they were, the listener
         * has to look at itself.
         */
        void network(
                List<InetAddress> addresses,
                NetworkChange change,
                Predicate<SourceAddress> isUsable,
                List<ChangedRoute> routes);

        /** The MTU of the tunnel's device in bytes. */
        void mtu(int bytes);

        /** The tunnel's device is switched on or off. */
        void state(boolean isUp);

        /** It was moved to where these tell whether it is switched on; the listener closes them. */
        void moved(InterfaceFlags flags);

        /** The machine has slept. */
        void slept();
    }

    /** Knows where the device is. */
    @FunctionalInterface
    public interface Finder {
        /** The namespace of the device; throws when it is not to be found out. */
        NamespaceFile namespace() throws IOException;
    }

    private static final Logger LOG = LoggerFactory.getLogger(InterfaceMonitor.class);

    /** A network that comes up brings many notices in a row: one reading after the first of them has to do. */
    private static final long SETTLE_NANOS = 100_000_000;

    /**
     * So often it is looked whether the machine has slept. The timer's clock goes on in sleep, so it is over at once after
     * a longer one.
     */
    private static final long LOOK_NANOS = 10_000_000_000L;

    private final Netlink netlink;
    private final NetlinkMonitor notices;
    private final Poller poller;
    private final String tunnelName;
    private final Finder finder;
    private final Listener listener;
    private final Thread thread;
    private final SleepWatch sleep = new SleepWatch(Clock.suspendedNanos());
    private volatile boolean closing;

    // Of the thread only.
    private @Nullable MachineNetwork known;
    private List<DefaultRoute> routes = List.of();
    private @Nullable DevicePlace elsewhere;
    private @Nullable Boolean knownUp;
    private int knownMtuBytes;

    private InterfaceMonitor(
            Netlink netlink,
            NetlinkMonitor notices,
            Poller poller,
            String tunnelName,
            Finder finder,
            Listener listener) {
        this.netlink = netlink;
        this.notices = notices;
        this.poller = poller;
        this.tunnelName = tunnelName;
        this.finder = finder;
        this.listener = listener;
        thread = Thread.ofPlatform().daemon().name("interfaces-" + tunnelName).unstarted(this::run);
    }

    /**
     * Starts watching.
     *
     * @param tunnelName the tunnel's own interface, whose addresses and routes are left out
     * @param finder asked when that is not in this namespace
     */
    public static InterfaceMonitor start(String tunnelName, Finder finder, Listener listener) throws LinuxException {
        Netlink netlink = Netlink.open();
        NetlinkMonitor notices = NetlinkMonitor.open();
        Poller poller = Poller.open();
        poller.add(notices.descriptor(), 0, true, false);
        InterfaceMonitor monitor = new InterfaceMonitor(netlink, notices, poller, tunnelName, finder, listener);
        monitor.thread.start();
        return monitor;
    }

    /** Ends the thread and waits for that, unless it is called on it. */
    @Override
    public void close() {
        closing = true;
        poller.wakeUp();
        if (!thread.equals(Thread.currentThread())) {
            Threads.joinUninterruptibly(thread);
        }
    }

    /** Whether it is being closed, so that nobody has to be told anything any more. */
    boolean isClosing() {
        return closing;
    }

    private void run() {
        try (netlink;
                notices;
                poller) {
            routes = netlink.defaultRoutes();
            while (!closing) {
                look();
                awaitChange();
            }
        } catch (LinuxException unusable) {
            LOG.warn("changes of the network interfaces are not seen any more: {}", unusable.getMessage());
        } finally {
            leave();
        }
    }

    private void look() throws LinuxException {
        if (notices.takeDefaultRoute()) {
            routes = netlink.defaultRoutes();
        }
        List<Link> links = netlink.links();
        lookAtDevice(links);
        List<ChangedRoute> others = routesOfOthers(links);
        MachineNetwork now = MachineNetwork.of(links, routes, tunnelName);
        MachineNetwork before = known;
        if (before == null) {
            listener.network(now.usable(), NetworkChange.NONE, now::isSource, List.of());
        } else if (!before.equals(now) || !others.isEmpty()) {
            boolean isRerouted = !now.routes().equals(before.routes());
            listener.network(now.usable(), now.since(before), source -> !isRerouted && now.isSource(source), others);
        }
        known = now;
    }

    /** The changed routes that do not lead into the tunnel. */
    private List<ChangedRoute> routesOfOthers(List<Link> links) {
        Set<Integer> own = links.stream()
                .filter(link -> link.name().equals(tunnelName))
                .map(Link::index)
                .collect(Collectors.toSet());
        return notices.takeRoutes().stream()
                .filter(route -> !own.contains(route.interfaceIndex()))
                .toList();
    }

    private void awaitChange() throws LinuxException {
        while (!closing && !drain()) {
            poller.await(Clock.bootTimeNanos() + LOOK_NANOS);
            if (sleep.slept(Clock.suspendedNanos()) > 0) {
                listener.slept();
            }
        }
        // Whether the device is up can not wait: packets do not either.
        lookAtDevice(netlink.links());
        long settledNanos = Clock.bootTimeNanos() + SETTLE_NANOS;
        while (!closing && Clock.bootTimeNanos() < settledNanos) {
            poller.await(settledNanos);
            drain();
        }
    }

    private boolean drain() {
        DevicePlace place = elsewhere;
        boolean any = notices.drain();
        return (place != null && place.notices().drain()) || any;
    }

    private void lookAtDevice(List<Link> links) throws LinuxException {
        DevicePlace place = elsewhere;
        Link device = place == null
                ? links.stream()
                        .filter(link -> link.name().equals(tunnelName))
                        .findFirst()
                        .orElse(null)
                : place.device();
        if (device == null && !closing) {
            device = search();
        }
        int mtuBytes = device == null ? knownMtuBytes : device.mtuBytes();
        if (mtuBytes != knownMtuBytes) {
            listener.mtu(mtuBytes);
        }
        knownMtuBytes = mtuBytes;
        // One that is not to be seen may be up for all we know.
        boolean isUp = device == null || device.isUp();
        boolean wasDown = device != null && wasDown(device);
        if (isUp && wasDown && Boolean.TRUE.equals(knownUp)) {
            listener.state(false);
            listener.state(true);
        } else if (knownUp == null || knownUp != isUp) {
            listener.state(isUp);
        }
        knownUp = isUp;
    }

    /** Whether the device was down since it was looked at last, though it may be up again. */
    private boolean wasDown(Link device) {
        DevicePlace place = elsewhere;
        NetlinkMonitor where = place == null ? notices : place.notices();
        boolean wasDown = where.takeWasDown();
        where.watch(device.index());
        return wasDown;
    }

    /** Looks for the device where it may have been moved. */
    private @Nullable Link search() {
        leave();
        try (NamespaceFile file = finder.namespace()) {
            DevicePlace place = DevicePlace.open(file, tunnelName);
            elsewhere = place;
            poller.add(place.notices().descriptor(), 0, true, false);
            listener.moved(place.flags());
            return place.device();
        } catch (IOException unseen) {
            LOG.debug("whether {} is up is not seen: {}", tunnelName, unseen.getMessage());
            return null;
        }
    }

    private void leave() {
        DevicePlace place = elsewhere;
        elsewhere = null;
        if (place != null) {
            place.close();
        }
    }
}
