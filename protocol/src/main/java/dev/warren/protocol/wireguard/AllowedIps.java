package dev.warren.protocol.wireguard;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.net.InetAddress;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which peer an inner address belongs to (paper section 2): the longest prefix wins, and a prefix has one owner. Owned
 * by the device's thread.
 */
public final class AllowedIps {
    private static final int IPV4_LENGTH = 4;
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    private static final ValueLayout.OfInt INT_AT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfLong LONG_AT = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

    private final PrefixTrie<Peer> ipv4 = new PrefixTrie<>();
    private final PrefixTrie<Peer> ipv6 = new PrefixTrie<>();
    private final Map<Peer, Set<IpPrefix>> byPeer = new HashMap<>();

    AllowedIps() {}

    /** Gives the prefix to {@code peer}; whoever had it before has it no more. */
    public void insert(IpPrefix prefix, Peer peer) {
        byte[] address = prefix.address().getAddress();
        Peer before = trie(address.length).put(high(address, 0, address.length), low(address), prefix.bits(), peer);
        if (before != null && before != peer) {
            forget(before, prefix);
        }
        byPeer.computeIfAbsent(peer, _ -> new LinkedHashSet<>()).add(prefix);
    }

    /** Takes the prefix from {@code peer}; false when the peer does not have it. */
    public boolean remove(IpPrefix prefix, Peer peer) {
        if (owner(prefix) != peer) {
            return false;
        }
        byte[] address = prefix.address().getAddress();
        trie(address.length).remove(high(address, 0, address.length), low(address), prefix.bits());
        forget(peer, prefix);
        return true;
    }

    /** Takes all prefixes from {@code peer}. */
    public void removeAll(Peer peer) {
        prefixes(peer).forEach(prefix -> remove(prefix, peer));
    }

    /** The peer's prefixes, in the order in which it got them. */
    public List<IpPrefix> prefixes(Peer peer) {
        return List.copyOf(byPeer.getOrDefault(peer, Set.of()));
    }

    /** Who has exactly this prefix, or null. */
    public @Nullable Peer owner(IpPrefix prefix) {
        byte[] address = prefix.address().getAddress();
        return trie(address.length).get(high(address, 0, address.length), low(address), prefix.bits());
    }

    /** The peer that {@code address} belongs to, or null. */
    public @Nullable Peer lookup(InetAddress address) {
        byte[] bytes = address.getAddress();
        return lookup(MemorySegment.ofArray(bytes), 0, bytes.length);
    }

    /** The peer that the address of 4 or 16 bytes at {@code offset} belongs to, or null; allocates nothing. */
    public @Nullable Peer lookup(MemorySegment memory, long offset, int length) {
        return length == IPV4_LENGTH
                ? ipv4.lookup((long) memory.get(INT_AT, offset) << 32, 0)
                : ipv6.lookup(memory.get(LONG_AT, offset), memory.get(LONG_AT, offset + Long.BYTES));
    }

    private PrefixTrie<Peer> trie(int addressLength) {
        return addressLength == IPV4_LENGTH ? ipv4 : ipv6;
    }

    private void forget(Peer peer, IpPrefix prefix) {
        Set<IpPrefix> prefixes = byPeer.get(peer);
        if (prefixes != null && prefixes.remove(prefix) && prefixes.isEmpty()) {
            byPeer.remove(peer);
        }
    }

    private static long high(byte[] buffer, int offset, int length) {
        return length == IPV4_LENGTH ? (long) (int) INT.get(buffer, offset) << 32 : (long) LONG.get(buffer, offset);
    }

    private static long low(byte[] address) {
        return address.length == IPV4_LENGTH ? 0 : (long) LONG.get(address, Long.BYTES);
    }
}
