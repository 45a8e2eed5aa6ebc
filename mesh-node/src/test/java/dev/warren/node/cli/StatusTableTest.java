package dev.warren.node.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.node.control.NodeStatus;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
final class StatusTableTest {
    private static final NodeStatus.Self SELF = new NodeStatus.Self(
            "a",
            "nodekey:00",
            List.of("100.64.0.1", "fd00::1"),
            "warren0",
            41641,
            0,
            List.of(),
            "connected",
            "libcrypto",
            852.4,
            new TreeMap<>(Map.of(
                    "tun-tcp", "on", "tun-udp", "on", "udp-gso", "refused by the kernel", "udp-gro", "switched off")));

    @Test
    void showsEveryPeerOnALineOfItsOwn() {
        NodeStatus status = new NodeStatus(
                SELF,
                List.of(
                        new NodeStatus.Peer(
                                "b",
                                "k",
                                List.of("100.64.0.2"),
                                true,
                                "direct",
                                "203.0.113.7:41641",
                                900,
                                1.234,
                                61.0,
                                1536,
                                7),
                        new NodeStatus.Peer(
                                "longer-name", "k", List.of(), false, "relay", null, 900, null, null, 0, 0)));
        assertEquals(
                """
                node          a  100.64.0.1  fd00::1
                interface     warren0, UDP port 41641
                key           nodekey:00
                home relay    none yet
                reachable at  unknown yet
                coordinator   connected
                cipher        libcrypto, 852 ns for a packet of 1420 bytes (1666 MB/s)
                offloads      tun-tcp, tun-udp, no udp-gro (switched off), no udp-gso (refused by the kernel)

                PEER                   ADDRESS     PATH                      LATENCY  HANDSHAKE      RECEIVED  SENT
                b                      100.64.0.2  direct 203.0.113.7:41641  1.23 ms  1 min 1 s ago  1.5 KiB   7 B
                longer-name (offline)  -           relay 900                 -        never          0 B       0 B
                """,
                StatusTable.render(status));
    }

    @Test
    void namesTheUdpRelayOfAPeer() {
        NodeStatus.Peer peer = new NodeStatus.Peer(
                "b", "k", List.of(), true, "udp-relay", "192.0.2.9:3479 vni 7", 900, 1.0, null, 0, 0);
        String table = StatusTable.render(new NodeStatus(SELF, List.of(peer)));
        assertTrue(table.contains("  udp-relay 192.0.2.9:3479 vni 7  "), table);
    }

    @Test
    void saysThatTheCipherIsNotMeasuredYet() {
        assertEquals("jdk, not measured yet", StatusTable.cipher("jdk", null));
    }

    @Test
    void saysWhatWasDropped() {
        NodeStatus status =
                new NodeStatus(SELF, List.of(), new TreeMap<>(Map.of("udp_overflow", 2L, "to_relay_queue_full", 30L)));
        String table = StatusTable.render(status);
        assertTrue(table.contains("\ndropped       to relay queue full 30, udp overflow 2\n"), table);
    }

    @Test
    void saysWhatToDoWithoutPeers() {
        assertTrue(StatusTable.render(new NodeStatus(SELF, List.of())).contains("No peers yet"));
    }

    @Test
    void roundsSizesAndAges() {
        assertEquals("1023 B", StatusTable.bytes(1023));
        assertEquals("1.0 KiB", StatusTable.bytes(1024));
        assertEquals("8.0 EiB", StatusTable.bytes(Long.MAX_VALUE));
        assertEquals("59 s ago", StatusTable.age(59.4));
        assertEquals("2 h 1 min ago", StatusTable.age(7260.0));
        assertEquals("12.3 ms", StatusTable.latency(12.34));
    }
}
