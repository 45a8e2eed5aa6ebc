package dev.warren.platform.linux;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.protocol.testing.Requirements;
import java.io.IOException;
import java.net.InetAddress;

/**
 * Gives an interface an address, and waits until it can be used. The kernel inserts the local route of an IPv6 address
 * behind the request, in a thread of its own. Until then nothing reaches the address, though nothing about it says so:
 * the route to its network is there already, and leads elsewhere or (on lo) nowhere.
 */
final class UsableAddress {
    private static final long WAIT_NANOS = 10_000_000_000L;

    private UsableAddress() {}

    static void add(NetworkNamespace namespace, Netlink netlink, String name, String ip, int prefixBits)
            throws IOException, InterruptedException {
        Requirements.program("ip");
        netlink.addAddress(name, InetAddress.ofLiteral(ip), prefixBits);
        String family = ip.contains(":") ? "-6" : "-4";
        long deadlineNanos = Clock.bootTimeNanos() + WAIT_NANOS;
        while (!Commands.in(namespace, "ip " + family + " route show table local dev " + name)
                .contains("local " + ip + " ")) {
            assertTrue(Clock.bootTimeNanos() < deadlineNanos, "no local route to " + ip + " in ten seconds");
        }
    }
}
