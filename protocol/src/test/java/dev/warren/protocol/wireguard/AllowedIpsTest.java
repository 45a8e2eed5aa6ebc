package dev.warren.protocol.wireguard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.protocol.key.NodePrivateKey;
import dev.warren.protocol.testing.Seeds;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class AllowedIpsTest {
    private static final int PEERS = 8;
    private static final int[] EDGE_BITS = {0, 1, 2, 62, 63, 64, 65, 66, 126, 127, 128};

    private final TestNode node = new TestNode(1);
    private final AllowedIps table = node.device.allowedIps();
    private final List<Peer> peers = new ArrayList<>();

    AllowedIpsTest() {
        for (int i = 0; i < PEERS; i++) {
            NodePrivateKey key = NodePrivateKey.generate(Seeds.random(500 + i));
            peers.add(node.device.addPeer(key.publicKey(), 0));
        }
    }

    @Test
    void shouldFindTheLongestPrefix() {
        insert("0.0.0.0/0", 0);
        insert("10.0.0.0/8", 1);
        insert("10.1.0.0/16", 2);
        insert("10.1.2.3/32", 3);
        insert("::/0", 4);
        insert("fd00::/8", 5);

        assertSame(peers.get(0), find("192.0.2.1"));
        assertSame(peers.get(1), find("10.200.0.1"));
        assertSame(peers.get(2), find("10.1.255.255"));
        assertSame(peers.get(3), find("10.1.2.3"));
        assertSame(peers.get(2), find("10.1.2.4"));
        assertSame(peers.get(4), find("2001:db8::1"));
        assertSame(peers.get(5), find("fdff::1"));
    }

    @Test
    void shouldKeepTheFamiliesApart() {
        insert("0.0.0.0/0", 0);
        assertNull(find("::"));
        assertNull(find("::ffff"));
    }

    @Test
    void shouldMoveAPrefixToItsNewOwner() {
        insert("10.0.0.0/8", 0);
        insert("10.0.0.0/8", 1);

        assertSame(peers.get(1), find("10.0.0.1"));
        assertEquals(List.of(), table.prefixes(peers.get(0)));
        assertEquals(List.of(IpPrefix.parse("10.0.0.0/8")), table.prefixes(peers.get(1)));
        assertFalse(table.remove(IpPrefix.parse("10.0.0.0/8"), peers.get(0)), "not the owner any more");
        assertSame(peers.get(1), find("10.0.0.1"));
    }

    @Test
    void shouldFallBackToTheShorterPrefixAfterARemoval() {
        insert("10.0.0.0/8", 0);
        insert("10.1.0.0/16", 1);

        assertTrue(table.remove(IpPrefix.parse("10.1.0.0/16"), peers.get(1)));
        assertFalse(table.remove(IpPrefix.parse("10.1.0.0/16"), peers.get(1)));
        assertSame(peers.get(0), find("10.1.0.1"));
    }

    @Test
    void shouldListAPeersPrefixesInTheOrderTheyCame() {
        insert("10.2.0.0/16", 0);
        insert("fd00::/64", 0);
        insert("10.1.0.0/16", 0);
        insert("10.2.0.0/16", 0);

        assertEquals(
                "[10.2.0.0/16, fd00:0:0:0:0:0:0:0/64, 10.1.0.0/16]",
                table.prefixes(peers.get(0)).toString());
        table.removeAll(peers.get(0));
        assertEquals(List.of(), table.prefixes(peers.get(0)));
        assertNull(find("10.2.0.1"));
        assertNull(find("fd00::1"));
    }

    @Test
    void shouldAgreeWithASlowRouterOnTenThousandLookups() {
        Seeds.forEach(10, random -> {
            AllowedIps fast = new AllowedIps();
            SlowRouter slow = new SlowRouter();
            for (int i = 0; i < 400; i++) {
                IpPrefix prefix = randomPrefix(random);
                Peer peer = peers.get(random.nextInt(PEERS));
                if (random.nextInt(4) == 0) {
                    assertEquals(slow.remove(prefix, peer), fast.remove(prefix, peer));
                } else {
                    slow.insert(prefix, peer);
                    fast.insert(prefix, peer);
                }
            }
            if (random.nextBoolean()) {
                Peer gone = peers.get(0);
                slow.routes.removeIf(route -> route.peer == gone);
                fast.removeAll(gone);
            }
            for (int i = 0; i < 1000; i++) {
                InetAddress address = randomAddress(random, random.nextBoolean());
                assertSame(slow.lookup(address), fast.lookup(address), address.toString());
            }
            for (Peer peer : peers) {
                assertEquals(slow.prefixes(peer), fast.prefixes(peer));
            }
        });
    }

    @Test
    void shouldLeaveNoNodesBehind() {
        Seeds.forEach(10, random -> {
            PrefixTrie<Integer> trie = new PrefixTrie<>();
            List<long[]> keys = new ArrayList<>();
            for (int i = 0; i < 100; i++) {
                long[] key = {random.nextLong(), random.nextLong(), random.nextInt(129)};
                trie.put(key[0], key[1], (int) key[2], i);
                keys.add(key);
            }
            for (long[] key : keys) {
                trie.remove(key[0], key[1], (int) key[2]);
            }
            assertTrue(trie.isEmpty());
        });
    }

    /** Where the two words of an address meet, and where it ends, is where a trie of bits goes wrong. */
    @Test
    void shouldAgreeWithAMapOnPrefixesThatEndNextToAWord() {
        Seeds.forEach(5, random -> {
            PrefixTrie<Integer> trie = new PrefixTrie<>();
            Map<IpPrefix, Integer> map = new HashMap<>();
            for (int i = 0; i < 1000; i++) {
                long high = edge(random);
                long low = edge(random);
                int bits = EDGE_BITS[random.nextInt(EDGE_BITS.length)];
                InetAddress address = ipv6(high, low);
                IpPrefix prefix = new IpPrefix(address, bits);
                assertEquals(map.get(prefix), trie.get(high, low, bits));
                if (random.nextInt(3) == 0) {
                    assertEquals(map.put(prefix, i), trie.put(high, low, bits, i));
                } else {
                    assertEquals(map.remove(prefix), trie.remove(high, low, bits));
                }
                assertEquals(map.isEmpty(), trie.isEmpty());
                Integer longest = map.keySet().stream()
                        .filter(one -> one.contains(address))
                        .max(Comparator.comparingInt(IpPrefix::bits))
                        .map(map::get)
                        .orElse(null);
                assertEquals(longest, trie.lookup(high, low));
            }
        });
    }

    /** A word that differs from others in its first bits or in its last. */
    private static long edge(RandomGenerator random) {
        return (random.nextLong(4) << 62) + random.nextLong(4);
    }

    private static InetAddress ipv6(long high, long low) {
        try {
            return InetAddress.getByAddress(
                    ByteBuffer.allocate(16).putLong(high).putLong(low).array());
        } catch (UnknownHostException impossible) {
            throw new AssertionError(impossible);
        }
    }

    private void insert(String prefix, int peer) {
        table.insert(IpPrefix.parse(prefix), peers.get(peer));
    }

    private @Nullable Peer find(String address) {
        return table.lookup(InetAddress.ofLiteral(address));
    }

    /** Few distinct bytes, so that prefixes nest and collide. */
    private static InetAddress randomAddress(RandomGenerator random, boolean ipv6) {
        byte[] bytes = new byte[ipv6 ? 16 : 4];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) (random.nextInt(3) << 6);
        }
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException impossible) {
            throw new AssertionError(impossible);
        }
    }

    private static IpPrefix randomPrefix(RandomGenerator random) {
        boolean ipv6 = random.nextBoolean();
        return new IpPrefix(randomAddress(random, ipv6), random.nextInt(ipv6 ? 129 : 33));
    }

    /** The obvious way: look at every route. */
    private static final class SlowRouter {
        private final List<Route> routes = new ArrayList<>();

        private record Route(IpPrefix prefix, Peer peer) {}

        void insert(IpPrefix prefix, Peer peer) {
            if (routes.contains(new Route(prefix, peer))) {
                return;
            }
            routes.removeIf(route -> route.prefix.equals(prefix));
            routes.add(new Route(prefix, peer));
        }

        boolean remove(IpPrefix prefix, Peer peer) {
            return routes.remove(new Route(prefix, peer));
        }

        List<IpPrefix> prefixes(Peer peer) {
            return routes.stream()
                    .filter(route -> route.peer == peer)
                    .map(Route::prefix)
                    .toList();
        }

        @Nullable
        Peer lookup(InetAddress address) {
            Route best = null;
            for (Route route : routes) {
                boolean better = best == null || route.prefix.bits() > best.prefix.bits();
                if (better && route.prefix.contains(address)) {
                    best = route;
                }
            }
            return best == null ? null : best.peer;
        }
    }
}
