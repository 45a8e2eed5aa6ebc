package dev.warren.loadtest.lab;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.protocol.testing.Requirements;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two agents, and a server between them that is router, coordinator, relay and STUN server. The network of one of them,
 * which has two cables, changes while they talk.
 */
@Timeout(240)
class MovingAgentTest {
    private static final String SERVER = "203.0.113.1";
    private static final String FIRST_ROUTER = "198.51.100.1";
    private static final String FIRST = "198.51.100.2";
    private static final String SECOND_ROUTER = "198.51.100.9";
    private static final String SECOND = "198.51.100.10";
    private static final String SECOND_LATER = "198.51.100.11";

    @TempDir
    Path folder;

    @BeforeEach
    void need() {
        Requirements.root();
        Requirements.tun();
        Requirements.program("nft");
        Requirements.program("ping");
    }

    @Test
    void shouldBeReachedThroughItsRelayAndDirectlyWhateverItsNetworkBecomes() throws Exception {
        try (Lab lab = new Lab()) {
            String server = server(lab);
            LabAgent moving = new LabAgent(lab, folder, "moving");
            lab.join(server, FIRST_ROUTER + "/29", moving.namespace(), FIRST + "/29");
            lab.join(server, SECOND_ROUTER + "/29", moving.namespace(), SECOND + "/29");
            moving.ip("route", "add", "default", "via", FIRST_ROUTER);
            LabAgent staying = new LabAgent(lab, folder, "staying");
            lab.join(server, "198.51.100.17/29", staying.namespace(), "198.51.100.18/29");
            staying.ip("route", "add", "default", "via", "198.51.100.17");
            Path rules = Files.writeString(
                    folder.resolve("no-udp.nft"),
                    "table inet lab {\n chain f {\n  type filter hook forward priority 0\n  meta l4proto udp drop\n }\n}\n");
            lab.in(server, "nft", "-f", rules.toString());
            String token = coordinator(lab, server);
            moving.up(token);
            staying.up(token);
            Lab.await("a packet through the relay", LabAgent.PATIENCE, staying.log(), () -> staying.reaches(moving));
            assertTrue(staying.wayTo(moving).contains("via relay 900"), staying.wayTo(moving));

            // The first cable is cut behind the router: nobody tells the connection that was made over it.
            lab.in(server, "ip", "route", "add", "blackhole", FIRST + "/32");
            moving.ip("route", "replace", "default", "via", SECOND_ROUTER);
            Lab.await("a packet by the other cable", LabAgent.PATIENCE, moving.log(), () -> staying.reaches(moving));

            lab.in(server, "nft", "delete", "table", "inet", "lab");
            awaitDirect(staying, moving);
            String cable = moving.cableOf(SECOND);
            moving.ip("addr", "del", SECOND + "/29", "dev", cable);
            moving.ip("addr", "add", SECOND_LATER + "/29", "dev", cable);
            moving.ip("route", "replace", "default", "via", SECOND_ROUTER);
            Lab.await("a packet to the new address", LabAgent.PATIENCE, moving.log(), () -> staying.reaches(moving));
            awaitDirect(staying, moving);
            assertTrue(staying.wayTo(moving).contains(SECOND_LATER + ":"), staying.wayTo(moving));

            moving.ip("link", "set", moving.network(), "down");
            moving.ip("link", "set", moving.network(), "up");
            Lab.await("its routes", LabAgent.PATIENCE, moving.log(), () -> moving.reaches(staying));
        }
    }

    private static void awaitDirect(LabAgent from, LabAgent to) {
        Lab.await(
                "a direct path",
                LabAgent.PATIENCE,
                from.log(),
                () -> from.reaches(to) && from.wayTo(to).contains("via direct"));
    }

    private String server(Lab lab) {
        String server = lab.namespace("s");
        lab.in(server, "ip", "addr", "add", SERVER + "/32", "dev", "lo");
        lab.in(server, "sysctl", "-qw", "net.ipv4.ip_forward=1");
        return server;
    }

    /** Starts relay, STUN server and coordinator; returns a join token. */
    private String coordinator(Lab lab, String namespace) {
        start(lab, namespace, "dev.warren.relay.RelayMain", "--listen", SERVER + ":3340", "--plaintext");
        start(lab, namespace, "dev.warren.stun.StunMain", "--listen", SERVER + ":3478");
        String main = "dev.warren.coordinator.CoordinatorMain";
        String data = folder.resolve("coordinator").toString();
        start(
                lab,
                namespace,
                main,
                "--listen",
                SERVER + ":8443",
                "--public",
                SERVER + ":8443",
                "--data-dir",
                data,
                "--relay",
                "900=" + SERVER + ":3340,stun=3478,plaintext");
        return lab.in(namespace, LabAgent.java(main, "token", "create", "--reusable", "--data-dir", data))
                .strip();
    }

    private void start(Lab lab, String namespace, String main, String... options) {
        Path log = folder.resolve(main + ".log");
        lab.start(namespace, log, LabAgent.java(main, options));
        Lab.await("the start of " + main, LabAgent.PATIENCE, log, () -> Lab.read(log)
                .contains(" on "));
    }
}
