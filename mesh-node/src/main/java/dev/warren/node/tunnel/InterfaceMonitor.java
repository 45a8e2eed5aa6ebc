package dev.warren.node.tunnel;

import dev.warren.platform.linux.Clock;
import dev.warren.platform.linux.Link;
import dev.warren.platform.linux.LinuxException;
import dev.warren.platform.linux.Netlink;
import dev.warren.platform.linux.NetlinkMonitor;
import dev.warren.platform.linux.Poller;
import java.net.InetAddress;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells which addresses the machine has and how large the tunnel's own MTU is, at the start and after each change. Its own thread waits for the kernel's
 * notices; it watches the network namespace of the thread that opens it.
 */
public final class InterfaceMonitor implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(InterfaceMonitor.class);

    /** A network that comes up brings many notices in a row: one reading after the first of them has to do. */
    private static final long SETTLE_NANOS = 100_000_000;

    private final Netlink netlink;
    private final NetlinkMonitor notices;
    private final Poller poller;
    private final String tunnelName;
    private final Consumer<List<InetAddress>> listener;
    private final IntConsumer mtuListener;
    private final Thread thread;
    private volatile boolean closing;

    private InterfaceMonitor(
            Netlink netlink,
            NetlinkMonitor notices,
            Poller poller,
            String tunnelName,
            Consumer<List<InetAddress>> listener,
            IntConsumer mtuListener) {
        this.netlink = netlink;
        this.notices = notices;
        this.poller = poller;
        this.tunnelName = tunnelName;
        this.listener = listener;
        this.mtuListener = mtuListener;
        thread = Thread.ofPlatform().daemon().name("interfaces-" + tunnelName).unstarted(this::run);
    }

    /**
     * Starts watching.
     *
     * @param tunnelName the tunnel's own interface, which is left out
     * @param listener gets what {@link LocalAddresses#usable} says, on the monitor's thread: at once, and when it
     *     changed
     * @param mtuListener gets the tunnel's own MTU in bytes in the same way
     */
    public static InterfaceMonitor start(
            String tunnelName, Consumer<List<InetAddress>> listener, IntConsumer mtuListener) throws LinuxException {
        Netlink netlink = Netlink.open();
        NetlinkMonitor notices = NetlinkMonitor.open();
        Poller poller = Poller.open();
        poller.add(notices.descriptor(), 0, true, false);
        InterfaceMonitor monitor = new InterfaceMonitor(netlink, notices, poller, tunnelName, listener, mtuListener);
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

    private void run() {
        try (netlink;
                notices;
                poller) {
            List<InetAddress> known = List.of();
            boolean first = true;
            int knownMtuBytes = 0;
            while (!closing) {
                List<Link> links = netlink.links();
                int mtuBytes = mtuBytes(links, knownMtuBytes);
                if (mtuBytes != knownMtuBytes) {
                    mtuListener.accept(mtuBytes);
                }
                knownMtuBytes = mtuBytes;
                List<InetAddress> now = LocalAddresses.usable(links, tunnelName);
                if (first || !now.equals(known)) {
                    listener.accept(now);
                }
                first = false;
                known = now;
                awaitChange();
            }
        } catch (LinuxException unusable) {
            LOG.warn("changes of the network interfaces are not seen any more: {}", unusable.getMessage());
        }
    }

    private int mtuBytes(List<Link> links, int otherwise) {
        return links.stream()
                .filter(link -> link.name().equals(tunnelName))
                .mapToInt(Link::mtuBytes)
                .findFirst()
                .orElse(otherwise);
    }

    private void awaitChange() throws LinuxException {
        while (!closing && !notices.drain()) {
            poller.await(Poller.NEVER);
        }
        long settledNanos = Clock.bootTimeNanos() + SETTLE_NANOS;
        while (!closing && Clock.bootTimeNanos() < settledNanos) {
            poller.await(settledNanos);
            notices.drain();
        }
    }
}
