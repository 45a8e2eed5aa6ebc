package dev.warren.node.tunnel;

import dev.warren.platform.linux.Link;
import dev.warren.platform.linux.LinkAddress;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/** Which of the machine's addresses peers may be told about. */
public final class LocalAddresses {
    private LocalAddresses() {}

    /**
     * The addresses at which this machine may be reached directly, IPv4 first: of interfaces that are up, without those
     * of the tunnel itself, without link-local, tentative and deprecated ones. Loopback addresses count only when there
     * is nothing else, which lets agents on one machine without a network meet.
     *
     * @param tunnelName the tunnel's own interface
     */
    public static List<InetAddress> usable(List<Link> links, String tunnelName) {
        Predicate<Link> others = link -> link.isUp() && !link.name().equals(tunnelName);
        List<InetAddress> found = collect(links, others.and(link -> !link.isLoopback()));
        return found.isEmpty() ? collect(links, others.and(Link::isLoopback)) : found;
    }

    private static List<InetAddress> collect(List<Link> links, Predicate<Link> wanted) {
        List<InetAddress> ipv4 = new ArrayList<>();
        List<InetAddress> ipv6 = new ArrayList<>();
        for (Link link : links) {
            if (!wanted.test(link)) {
                continue;
            }
            for (LinkAddress held : link.addresses()) {
                InetAddress address = held.address();
                if (held.isUsable() && !held.isDeprecated() && !address.isLinkLocalAddress()) {
                    (address.getAddress().length == 4 ? ipv4 : ipv6).add(address);
                }
            }
        }
        ipv4.addAll(ipv6);
        return ipv4;
    }
}
