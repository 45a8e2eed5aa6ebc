package dev.warren.node.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.protocol.simulation.Attachment;
import dev.warren.protocol.simulation.Fate;
import dev.warren.protocol.simulation.NatKind;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** An agent takes its machine to another network; its peers have nothing to go by but what it says. */
@Timeout(30)
final class AgentsThatMoveTest {
    private static final Duration TEN_SECONDS = Duration.ofSeconds(10);
    /** From the change of network to the first packet of the peer's that comes by another way. */
    private static final Duration SILENCE = Duration.ofMillis(500);

    private final SimMesh mesh = SimMesh.withOneRegion(41);
    private final SimMesh.Site home = mesh.site(1, NatKind.PORT_RESTRICTED);
    private final SimMesh.Site cafe = mesh.site(2, NatKind.PORT_RESTRICTED);
    private final SimAgent laptop = mesh.agent(mesh.network.host("laptop").firewall(Duration.ofMinutes(1)));
    private final SimAgent desktop = mesh.agent(home.host("desktop"));
    private Attachment cable = laptop.host.attach(home.lan, "192.168.1.100");

    @BeforeEach
    void startAtHome() {
        laptop.interfacesChanged();
        mesh.settle();
        becomesDirect();
        mesh.network.run(Duration.ofSeconds(1));
    }

    private void moveTo(SimMesh.Site site, String address) {
        laptop.host.detach(cable);
        cable = laptop.host.attach(site.lan, address);
        laptop.interfacesChanged();
    }

    private void becomesDirect() {
        assertTrue(mesh.untilDirect(laptop, desktop, TEN_SECONDS).isPresent());
    }

    private InetAddress seenAt() {
        InetSocketAddress direct = desktop.peer(laptop).direct();
        return Objects.requireNonNull(direct).getAddress();
    }

    @Test
    void fromTheLanToElsewhereAndBack() {
        assertEquals(cable.address(), seenAt());
        moveTo(cafe, "192.168.2.100");
        becomesDirect();
        mesh.chat(laptop, desktop, Duration.ofMillis(200), TEN_SECONDS);
        assertEquals(cafe.nat.address(), seenAt());
        moveTo(home, "192.168.1.101");
        becomesDirect();
        mesh.chat(laptop, desktop, Duration.ofMillis(200), TEN_SECONDS);
        assertEquals(cable.address(), seenAt());
    }

    @Test
    void packetsAreLostForLessThanASecond() {
        moveTo(cafe, "192.168.2.100");
        long start = mesh.network.time().nowNanos();
        long lastLostNanos = start;
        for (int i = 0; i < 200; i++) {
            int there = mesh.send(desktop, laptop);
            int back = mesh.send(laptop, desktop);
            long sentNanos = mesh.network.time().nowNanos();
            mesh.network.run(Duration.ofMillis(100));
            if (!laptop.received.get(there) || !desktop.received.get(back)) {
                lastLostNanos = sentNanos;
            }
        }
        Duration silence = Duration.ofNanos(lastLostNanos - start);
        assertTrue(silence.compareTo(SILENCE) < 0, "packets were lost for " + silence);
    }

    @Test
    void withoutAnyNetworkNothingIsTriedForEver() {
        laptop.host.detach(cable);
        laptop.interfacesChanged();
        mesh.network.run(Duration.ofMinutes(5));
        long before = mesh.network.count(Fate.NO_ROUTE);
        mesh.network.run(Duration.ofHours(1));
        assertTrue(mesh.network.count(Fate.NO_ROUTE) - before < 10);
        cable = laptop.host.attach(home.lan, "192.168.1.102");
        laptop.interfacesChanged();
        becomesDirect();
    }
}
