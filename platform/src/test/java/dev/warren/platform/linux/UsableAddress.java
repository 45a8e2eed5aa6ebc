package dev.warren.platform.linux;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/**
 * Gives an interface an address, and waits until it can be used. The kernel puts an IPv6 address in order behind the
 * request, in a thread of its own, even on an interface without duplicate detection: until then there is no route to it.
 */
final class UsableAddress {
    private static final long WAIT_NANOS = 10_000_000_000L;

    private UsableAddress() {}

    static void add(Netlink netlink, String name, String ip, int prefixBits) throws LinuxException {
        InetAddress address = InetAddress.ofLiteral(ip);
        netlink.addAddress(name, address, prefixBits);
        long deadlineNanos = Clock.bootTimeNanos() + WAIT_NANOS;
        while (!isUsable(netlink, name, address)) {
            assertTrue(Clock.bootTimeNanos() < deadlineNanos, ip + " did not become usable in ten seconds");
            try {
                TimeUnit.MILLISECONDS.sleep(1);
            } catch (InterruptedException interrupted) {
                throw new AssertionError("somebody wants this test to end", interrupted);
            }
        }
    }

    private static boolean isUsable(Netlink netlink, String name, InetAddress address) throws LinuxException {
        return Objects.requireNonNull(netlink.link(name)).addresses().stream()
                .anyMatch(held -> held.address().equals(address) && held.isUsable());
    }
}
