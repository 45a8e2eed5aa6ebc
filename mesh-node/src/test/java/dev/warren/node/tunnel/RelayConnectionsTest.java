package dev.warren.node.tunnel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.protocol.derp.DerpMap;
import dev.warren.protocol.derp.DerpMapCodec;
import dev.warren.protocol.derp.DerpRegion;
import dev.warren.protocol.derp.RelaySpec;
import dev.warren.protocol.key.NodePrivateKey;
import dev.warren.protocol.key.NodePublicKey;
import dev.warren.protocol.wireguard.IpPrefix;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
final class RelayConnectionsTest {
    private static final long SECOND = 1_000_000_000L;
    private static final NodePublicKey PEER =
            NodePrivateKey.generate(new Random(1)).publicKey();

    private final List<String> events = new ArrayList<>();
    private boolean connected = true;
    private long dropped;
    private final RelayConnections relays = new RelayConnections(region -> {
        events.add("dial " + region.id());
        return new RelayConnections.Link() {
            @Override
            public boolean isConnected() {
                return connected;
            }

            @Override
            public boolean send(NodePublicKey destination, byte[] buffer, int offset, int length) {
                events.add("send " + region.id() + " " + length);
                return true;
            }

            @Override
            public SortedMap<String, Long> drops() {
                return new TreeMap<>(Map.of("queue_full", dropped, "too_long", 0L));
            }

            @Override
            public void notePreferred(boolean home) {
                events.add("preferred " + region.id() + " " + home);
            }

            @Override
            public @Nullable InetAddress address() {
                return connected ? InetAddress.ofLiteral("192.0.2." + (region.id() - 899)) : null;
            }

            @Override
            public void networkChanged(boolean isLost) {
                events.add(region.id() + " changed " + isLost);
            }

            @Override
            public void close() {
                events.add("close " + region.id());
            }
        };
    });

    private static DerpMap map(String... specs) {
        return DerpMap.of(java.util.Arrays.stream(specs).map(RelaySpec::parse).toList());
    }

    @Test
    void connectsToTheLowestRegionUntilThereIsAHome() {
        relays.apply(map("901=192.0.2.1:443", "900=192.0.2.2:443"), 0);
        assertEquals(List.of("dial 900", "preferred 900 false"), events);
        relays.home(901, 0);
        assertTrue(events.contains("dial 901"));
        assertEquals("preferred 901 true", events.getLast());
    }

    @Test
    void connectsToAnotherRegionWhenItsHomeHasNothingButAStunServerLeft() {
        relays.apply(map("900=192.0.2.1:443", "901=192.0.2.2:443"), 0);
        relays.home(900, 0);
        events.clear();
        DerpMap left = DerpMapCodec.decode("{\"Regions\":{\"900\":{\"RegionID\":900,\"RegionCode\":\"r900\",\"Nodes\":["
                + "{\"Name\":\"900a\",\"RegionID\":900,\"HostName\":\"192.0.2.1\",\"STUNOnly\":true}]}}}");
        SortedMap<Integer, DerpRegion> regions =
                new TreeMap<>(map("901=192.0.2.2:443").regions());
        regions.putAll(left.regions());
        relays.apply(new DerpMap(regions), 0);
        assertEquals(List.of("close 900", "dial 901", "preferred 901 false"), events);
        relays.sweep(1000 * SECOND);
        assertFalse(events.contains("close 901"), "the only one stays, packets or not");
    }

    @Test
    void dialsAnotherRegionForItsFirstPacketAndClosesItWhenIdle() {
        relays.apply(map("900=192.0.2.1:443", "901=192.0.2.2:443"), 0);
        relays.home(900, 0);
        events.clear();
        assertTrue(relays.send(901, PEER, new byte[7], 0, 7, SECOND));
        assertEquals(List.of("dial 901", "preferred 901 false", "send 901 7"), events);
        relays.sweep(60 * SECOND);
        assertFalse(events.contains("close 901"));
        relays.sweep(62 * SECOND);
        assertTrue(events.contains("close 901"));
        assertFalse(events.contains("close 900"), "home stays");
    }

    @Test
    void holdsTheFirstPacketsUntilTheRelayLetsUsIn() {
        connected = false;
        relays.apply(map("900=192.0.2.1:443"), 0);
        events.clear();
        for (int length = 1; length <= 40; length++) {
            assertTrue(relays.send(900, PEER, new byte[length], 0, length, length * SECOND / 100));
        }
        assertEquals(List.of(), events);
        assertEquals(8, relays.drops().get("held"), "32 of 40 fit");
        connected = true;
        relays.connected(900, SECOND);
        assertEquals(32, events.size());
        assertEquals("send 900 9", events.getFirst(), "the oldest go first, in order");
        assertEquals("send 900 40", events.getLast());
    }

    @Test
    void dropsWhatWaitedLongerThanWireGuardDoes() {
        connected = false;
        relays.apply(map("900=192.0.2.1:443"), 0);
        events.clear();
        assertTrue(relays.send(900, PEER, new byte[7], 0, 7, 0));
        assertFalse(relays.send(900, PEER, new byte[4000], 0, 4000, 0), "no packet of a tunnel");
        connected = true;
        relays.connected(900, 6 * SECOND);
        assertEquals(List.of(), events);
        assertEquals(2, relays.drops().get("held"));
    }

    @Test
    void dropsAndCountsPacketsForAnUnknownRegion() {
        relays.apply(map("900=192.0.2.1:443"), 0);
        assertFalse(relays.send(7, PEER, new byte[1], 0, 1, 0));
        assertEquals(Map.of("unknown_region", 1L), relays.drops());
    }

    @Test
    void keepsTheDropsOfConnectionsThatAreClosed() {
        dropped = 3;
        relays.apply(map("900=192.0.2.1:443"), 0);
        relays.apply(map("900=192.0.2.9:443"), 0);
        assertEquals(Map.of("queue_full", 6L), relays.drops(), "of the former connection and of the new one");
    }

    @Test
    void closesWhatLeftTheMapOrChanged() {
        relays.apply(map("900=192.0.2.1:443"), 0);
        events.clear();
        relays.apply(map("900=192.0.2.1:443"), 0);
        assertEquals(List.of(), events, "the same map changes nothing");
        relays.apply(map("900=192.0.2.9:443"), 0);
        assertEquals(List.of("close 900", "dial 900", "preferred 900 false"), events);
    }

    @Test
    void neverDialsAgainAfterItsEnd() {
        relays.apply(map("900=192.0.2.1:443"), 0);
        relays.close();
        events.clear();
        assertFalse(relays.send(900, PEER, new byte[1], 0, 1, 0));
        relays.apply(map("900=192.0.2.1:443"), 0);
        assertEquals(List.of(), events);
    }

    @Test
    void shouldKnowWhereItIsConnectedTo() {
        relays.apply(map("900=relay.invalid:443", "901=other.invalid:443"), 0);
        assertTrue(relays.hasRelayIn(IpPrefix.parse("192.0.2.0/24")));
        assertFalse(relays.hasRelayIn(IpPrefix.parse("192.0.2.2/32")), "that region is not dialled");
        assertFalse(relays.hasRelayIn(IpPrefix.parse("2001:db8::/32")));
        connected = false;
        assertFalse(relays.hasRelayIn(IpPrefix.parse("192.0.2.1/32")));
    }
}
