package dev.warren.protocol.simulation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Hosts: sockets, several addresses, the firewall. */
@Timeout(30)
final class HostTest {
    private static final Duration TICK = Duration.ofMillis(10);

    private final SimNetwork network = new SimNetwork(13);
    private final Host hostA = network.host("a", network.internet(), "203.0.113.1");
    private final Recorder a = new Recorder(hostA, 1);
    private final Host hostB = network.host("b", network.internet(), "203.0.113.2");
    private final Recorder b = new Recorder(hostB, 2);

    private void send(Recorder from, Recorder to) {
        from.send(to.address());
        network.run(TICK);
    }

    @Test
    void theFirewallLetsInOnlyAnswers() {
        hostA.firewall(Duration.ofSeconds(30));
        send(b, a);
        assertEquals(1, network.count(Fate.FIREWALLED));
        send(a, b);
        send(b, a);
        assertEquals(List.of(b.address()), a.sources);
    }

    @Test
    void theFirewallForgetsASilentFlow() {
        hostA.firewall(Duration.ofSeconds(30));
        send(a, b);
        network.run(Duration.ofSeconds(29));
        send(b, a);
        network.run(Duration.ofSeconds(29));
        send(b, a);
        assertEquals(2, a.sources.size(), "traffic in either direction keeps it");
        network.run(Duration.ofSeconds(30));
        send(b, a);
        assertEquals(2, a.sources.size());
    }

    @Test
    void aClosedPortIsNoSocket() {
        hostB.close(2);
        send(a, b);
        assertEquals(1, network.count(Fate.NO_SOCKET));
    }

    @Test
    void anUnknownAddressHasNoRoute() {
        a.send(new InetSocketAddress("203.0.113.77", 1));
        a.send(new InetSocketAddress("2001:db8::7", 1));
        network.run(TICK);
        assertEquals(2, network.count(Fate.NO_ROUTE));
    }

    @Test
    void sendsFromTheAddressOnTheDestinationsSegment() {
        Segment lan = network.lan("lan");
        Attachment second = hostA.attach(lan, "10.0.0.1");
        Recorder c = new Recorder(network.host("c", lan, "10.0.0.2"), 3);
        send(a, c);
        assertEquals(new InetSocketAddress("10.0.0.1", 1), c.lastSource());
        assertEquals(2, hostA.endpoints(1).size());
        hostA.detach(second);
        send(a, c);
        assertEquals(1, network.count(Fate.NO_ROUTE));
    }

    @Test
    void anAddressIsGivenOnce() {
        assertThrows(IllegalArgumentException.class, () -> network.host("x", network.internet(), "203.0.113.1"));
    }

    @Test
    void whatIsSentIsACopy() {
        byte[] buffer = {9};
        hostA.send(1, b.address(), buffer, 0, 1);
        buffer[0] = 0;
        network.run(TICK);
        assertEquals(List.of((byte) 9), b.contents);
    }
}
