package dev.warren.node.tunnel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.warren.platform.linux.Netlink;
import dev.warren.platform.linux.NetworkNamespace;
import dev.warren.platform.linux.TunDevice;
import dev.warren.protocol.testing.Requirements;
import java.net.InetAddress;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class InterfaceMonitorTest {
    private static final InetAddress LOCALHOST = InetAddress.ofLiteral("127.0.0.1");
    private static final InetAddress WIRED = InetAddress.ofLiteral("192.0.2.7");

    @Test
    void shouldTellTheAddressesAtOnceAndWhenTheyChange() throws Exception {
        Requirements.tun();
        BlockingQueue<List<InetAddress>> told = new LinkedBlockingQueue<>();
        BlockingQueue<Integer> mtus = new LinkedBlockingQueue<>();
        try (NetworkNamespace namespace = NetworkNamespace.create();
                Netlink netlink = namespace.call(Netlink::open);
                TunDevice wired = namespace.call(() -> TunDevice.open("weth0"));
                TunDevice tunnel = namespace.call(() -> TunDevice.open("warren0"));
                InterfaceMonitor monitor =
                        namespace.call(() -> InterfaceMonitor.start("warren0", told::add, mtus::add))) {
            assertEquals(List.of(), told.take());
            assertEquals(1500, mtus.take());

            netlink.bringUp("lo", 65536);
            assertEquals(LOCALHOST, told.take().getFirst());

            netlink.bringUp(tunnel.name(), 1280);
            netlink.addAddress(tunnel.name(), InetAddress.ofLiteral("100.64.0.1"), 10);
            netlink.bringUp(wired.name(), 1500);
            netlink.addAddress(wired.name(), WIRED, 24);
            assertEquals(List.of(WIRED), told.take());
            assertEquals(1280, mtus.take());

            netlink.removeAddress(wired.name(), WIRED, 24);
            assertEquals(LOCALHOST, told.take().getFirst());
            monitor.close();
            netlink.addAddress(wired.name(), WIRED, 24);
            assertNull(told.poll());
            assertNull(mtus.poll());
        }
    }
}
