package dev.warren.node.tunnel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.node.engine.NetworkChange;
import dev.warren.platform.linux.ChangedRoute;
import dev.warren.platform.linux.InterfaceFlags;
import dev.warren.platform.linux.LocalSource;
import dev.warren.platform.linux.Netlink;
import dev.warren.platform.linux.NetworkNamespace;
import dev.warren.platform.linux.TunDevice;
import dev.warren.protocol.testing.Requirements;
import dev.warren.protocol.wireguard.IpPrefix;
import dev.warren.protocol.wireguard.SourceAddress;
import java.io.IOException;
import java.net.InetAddress;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class InterfaceMonitorTest {
    private static final InetAddress LOCALHOST = InetAddress.ofLiteral("127.0.0.1");
    private static final InetAddress WIRED = InetAddress.ofLiteral("192.0.2.7");

    /** What was told, in order, each kind on its own. */
    private static final class Told implements InterfaceMonitor.Listener {
        final BlockingQueue<List<InetAddress>> addresses = new LinkedBlockingQueue<>();
        final BlockingQueue<NetworkChange> changes = new LinkedBlockingQueue<>();
        final BlockingQueue<ChangedRoute> routes = new LinkedBlockingQueue<>();
        volatile Predicate<SourceAddress> usable = _ -> false;
        final BlockingQueue<Integer> mtus = new LinkedBlockingQueue<>();
        final BlockingQueue<Boolean> states = new LinkedBlockingQueue<>();
        final BlockingQueue<InterfaceFlags> flags = new LinkedBlockingQueue<>();

        @Override
        public void network(
                List<InetAddress> now,
                NetworkChange change,
                Predicate<SourceAddress> isUsable,
                List<ChangedRoute> others) {
            usable = isUsable;
            routes.addAll(others);
            if (!change.isNone() || others.isEmpty()) {
                changes.add(change);
                addresses.add(now);
            }
        }

        @Override
        public void mtu(int bytes) {
            mtus.add(bytes);
        }

        @Override
        public void state(boolean isUp) {
            states.add(isUp);
        }

        @Override
        public void moved(InterfaceFlags there) {
            flags.add(there);
        }

        @Override
        public void slept() {
            throw new AssertionError("nobody slept");
        }
    }

    private final Told told = new Told();
    private final NetworkNamespace namespace;
    private final Netlink netlink;
    private final TunDevice wired;
    private final TunDevice tunnel;
    private final InterfaceMonitor monitor;

    InterfaceMonitorTest() throws IOException {
        Requirements.tun();
        namespace = NetworkNamespace.create();
        netlink = namespace.call(Netlink::open);
        wired = namespace.call(() -> TunDevice.open("weth0"));
        tunnel = namespace.call(() -> TunDevice.open("warren0"));
        netlink.withoutLinkLocal(wired.name());
        monitor = namespace.call(() -> InterfaceMonitor.start("warren0", tunnel::namespace, told));
    }

    @AfterEach
    void close() {
        monitor.close();
        tunnel.close();
        wired.close();
        netlink.close();
        namespace.close();
    }

    @Test
    void shouldTellTheAddressesAtOnceAndWhenTheyChange() throws Exception {
        assertEquals(List.of(), told.addresses.take());
        assertEquals(NetworkChange.NONE, told.changes.take());
        assertEquals(1500, told.mtus.take());
        assertFalse(told.states.take());

        netlink.bringUp("lo", 65536);
        assertEquals(LOCALHOST, told.addresses.take().getFirst());
        assertEquals(NetworkChange.ADDED, told.changes.take());

        netlink.bringUp(tunnel.name(), 1280);
        netlink.addAddress(tunnel.name(), InetAddress.ofLiteral("100.64.0.1"), 10);
        netlink.bringUp(wired.name(), 1500);
        netlink.addAddress(wired.name(), WIRED, 24);
        awaitAddresses(List.of(WIRED));
        assertEquals(1280, told.mtus.take());
        assertTrue(told.states.take());

        LocalSource source = new LocalSource(WIRED, 0);
        assertTrue(told.usable.test(source));
        netlink.addAddress(wired.name(), InetAddress.ofLiteral("192.0.2.8"), 32);
        assertEquals(NetworkChange.ADDED, told.changes.take());
        netlink.removeAddress(wired.name(), InetAddress.ofLiteral("192.0.2.8"), 32);
        awaitLoss();
        assertTrue(told.usable.test(source), "it is still there");
        netlink.removeAddress(wired.name(), WIRED, 24);
        awaitLoss();
        assertFalse(told.usable.test(source));
        monitor.close();
        told.addresses.clear();
        netlink.addAddress(wired.name(), WIRED, 24);
        assertNull(told.addresses.poll());
        assertNull(told.mtus.poll());
    }

    @Test
    void shouldTellThatADefaultRouteIsAnother() throws Exception {
        plugIn();
        LocalSource source = new LocalSource(WIRED, 0);
        assertTrue(told.usable.test(source));
        run("ip route add default via 192.0.2.1");
        assertEquals(NetworkChange.ADDED, lastChange());
        assertFalse(told.usable.test(source), "another way may begin elsewhere");
        run("ip route replace default via 192.0.2.2");
        assertEquals(new NetworkChange(true, true, 0), lastChange());
        run("ip route add 198.51.100.0/24 via 192.0.2.1");
        run("ip route add default dev warren0 table 100");
        run("ip route del default");
        assertEquals(NetworkChange.LOST, lastChange(), "neither another route nor the tunnel's own default counts");
    }

    @Test
    void shouldTellOfEachRouteButTheTunnelsOwn() throws Exception {
        plugIn();
        int index = Objects.requireNonNull(netlink.link(wired.name())).index();
        assertEquals(new ChangedRoute(IpPrefix.parse("192.0.2.0/24"), index, false), told.routes.take());
        run("ip route add 198.51.100.0/25 dev warren0");
        IpPrefix block = IpPrefix.parse("198.51.100.0/24");
        run("ip route add " + block + " via 192.0.2.1");
        assertEquals(new ChangedRoute(block, index, false), told.routes.take());
        run("ip route replace " + block + " via 192.0.2.2");
        assertEquals(new ChangedRoute(block, index, false), told.routes.take());
        run("ip route del " + block);
        assertEquals(new ChangedRoute(block, index, true), told.routes.take());
        run("ip route add blackhole 203.0.113.0/24 table 77");
        assertEquals(IpPrefix.parse("203.0.113.0/24"), told.routes.take().destination());
        run("ip route add 2001:db8:1::/48 dev weth0");
        assertEquals(new ChangedRoute(IpPrefix.parse("2001:db8:1::/48"), index, false), told.routes.take());
        run("ip -6 route add unreachable ::ffff:0:0/96");
        assertEquals(
                IpPrefix.parse("::ffff:0:0/96"), told.routes.take().destination(), "of IPv6, whatever Java thinks");
        run("ip rule add to 198.51.100.0/24 table 77");
        assertEquals(new ChangedRoute(IpPrefix.parse("0.0.0.0/0"), 0, true), told.routes.take());
        assertEquals(new ChangedRoute(IpPrefix.parse("::/0"), 0, true), told.routes.take());
        run("ip -6 rule add to 2001:db8:2::/48 table 77");
        assertEquals(IpPrefix.parse("0.0.0.0/0"), told.routes.take().destination());
    }

    @Test
    void shouldFollowTheDeviceIntoAnotherNamespace() throws Exception {
        try (NetworkNamespace other = NetworkNamespace.create();
                Netlink there = other.call(Netlink::open)) {
            netlink.bringUp(tunnel.name(), 1280);
            awaitState(true);
            run("ip link set warren0 netns " + other.threadId());
            awaitState(false);
            try (InterfaceFlags flags = told.flags.take()) {
                assertFalse(flags.isUp());
                there.bringUp(tunnel.name(), 1234);
                assertTrue(flags.isUp());
                awaitState(true);
                while (told.mtus.take() != 1234) {
                    assertTrue(flags.isUp());
                }
                there.takeDown(tunnel.name());
                awaitState(false);
            }
        }
    }

    @Test
    void shouldTellThatTheDeviceWasDownForAMoment() throws Exception {
        netlink.bringUp(tunnel.name(), 1280);
        awaitState(true);
        for (int i = 0; i < 20; i++) {
            netlink.takeDown(tunnel.name());
            netlink.bringUp(tunnel.name(), 1280);
            assertFalse(told.states.take());
            assertTrue(told.states.take());
        }
    }

    /** The wire has an address, and the tunnel is up beside it. */
    private void plugIn() throws IOException, InterruptedException {
        netlink.bringUp(wired.name(), 1500);
        netlink.addAddress(wired.name(), WIRED, 24);
        netlink.bringUp(tunnel.name(), 1280);
        awaitAddresses(List.of(WIRED));
    }

    private void awaitAddresses(List<InetAddress> wanted) throws InterruptedException {
        while (!told.addresses.take().equals(wanted)) {
            Thread.onSpinWait();
        }
        told.changes.clear();
    }

    private void awaitLoss() throws InterruptedException {
        while (!told.changes.take().isLost()) {
            Thread.onSpinWait();
        }
    }

    private void awaitState(boolean wanted) throws InterruptedException {
        while (told.states.take() != wanted) {
            Thread.onSpinWait();
        }
    }

    private NetworkChange lastChange() throws InterruptedException {
        return told.changes.take();
    }

    private void run(String command) throws IOException, InterruptedException {
        Process process = namespace.call(
                () -> new ProcessBuilder(command.split(" ")).inheritIO().start());
        assertEquals(0, process.waitFor(), command);
    }
}
