package dev.warren.node.tunnel;

import dev.warren.protocol.derp.DerpMap;
import dev.warren.protocol.derp.DerpRegion;
import dev.warren.protocol.key.NodePublicKey;
import dev.warren.protocol.wireguard.IpPrefix;
import java.net.InetAddress;
import java.util.Iterator;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * The node's connections to relays, at most one a region: the home region's stays, others are dialled by the first
 * packet for them and closed after {@value #IDLE_SECONDS} s without one.
 *
 * <p>{@link #send} is called by the datapath thread and never waits; all else may be called by any thread.
 */
public final class RelayConnections implements AutoCloseable {
    /** How long a connection to a region that is not home stays without traffic (nat-traversal: magicsock's 60 s). */
    static final long IDLE_SECONDS = 60;

    /** One region's connection, which re-connects by itself. */
    public interface Link extends AutoCloseable {
        /** Whether the relay has let us in. */
        boolean isConnected();

        /** Queues a copy; false when it was dropped. Never waits. */
        boolean send(NodePublicKey destination, byte[] buffer, int offset, int length);

        /** Packets that {@link #send} or the connection dropped, by reason; zeros too. */
        SortedMap<String, Long> drops();

        /** Tells the relay whether it is home. */
        void notePreferred(boolean home);

        /** The relay's address, null while there is no connection to it. */
        @Nullable
        InetAddress address();

        /** The machine's network has changed; {@code isLost} when that may have cost the connection. */
        void networkChanged(boolean isLost);

        @Override
        void close();
    }

    /** Starts a connection to a region; returns at once. */
    @FunctionalInterface
    public interface Dialer {
        /** A connection to {@code region} that has begun to connect. */
        Link dial(DerpRegion region);
    }

    private static final class Entry {
        final Link link;
        final DerpRegion region;
        final HeldPackets held = new HeldPackets();
        volatile long lastUsedNanos;

        Entry(Link link, DerpRegion region, long nowNanos) {
            this.link = link;
            this.region = region;
            this.lastUsedNanos = nowNanos;
        }

        boolean send(NodePublicKey destination, byte[] buffer, int offset, int length, long nowNanos) {
            if (link.isConnected()) {
                if (held.isWaiting()) {
                    held.flush(link, nowNanos);
                }
                return link.send(destination, buffer, offset, length);
            }
            boolean kept = held.offer(destination, buffer, offset, length, nowNanos);
            if (link.isConnected()) {
                // It connected meanwhile, and may have flushed before the packet was there.
                held.flush(link, nowNanos);
            }
            return kept;
        }
    }

    private final Dialer dialer;
    private final Map<Integer, Entry> entries = new ConcurrentHashMap<>();
    private final LongAdder unknownRegionDrops = new LongAdder();
    /** Of connections that are closed; guarded by this. */
    private final SortedMap<String, Long> formerDrops = new TreeMap<>();

    private volatile DerpMap map = DerpMap.EMPTY;
    private volatile int home;
    private volatile boolean closed;

    /** No connections yet; {@code dialer} makes them. */
    public RelayConnections(Dialer dialer) {
        this.dialer = dialer;
    }

    /**
     * Takes over a relay map: connections to regions that left or changed are closed. While there is no home, the
     * region with the lowest id is connected to, so that the node can be reached from the start.
     */
    public synchronized void apply(DerpMap newMap, long nowNanos) {
        if (closed) {
            return;
        }
        map = newMap;
        for (Iterator<Entry> each = entries.values().iterator(); each.hasNext(); ) {
            Entry entry = each.next();
            if (!entry.region.equals(newMap.region(entry.region.id()))) {
                each.remove();
                close(entry);
            }
        }
        int wanted = place();
        if (wanted != 0) {
            connect(wanted, nowNanos);
        }
    }

    /** Makes {@code region} the home: connected to now and kept. */
    public synchronized void home(int region, long nowNanos) {
        int before = home;
        home = region;
        Entry old = entries.get(before);
        if (old != null && before != region) {
            old.link.notePreferred(false);
        }
        Entry now = connect(region, nowNanos);
        if (now != null) {
            now.link.notePreferred(true);
        }
    }

    /** Queues a copy for {@code destination} in a region, which is dialled when it has no connection. */
    public boolean send(int region, NodePublicKey destination, byte[] buffer, int offset, int length, long nowNanos) {
        Entry entry = entries.get(region);
        if (entry == null) {
            entry = connect(region, nowNanos);
        }
        if (entry == null) {
            unknownRegionDrops.increment();
            return false;
        }
        entry.lastUsedNanos = nowNanos;
        return entry.send(destination, buffer, offset, length, nowNanos);
    }

    /** The relay of a region has let us in: what was held for it goes out. */
    public void connected(int region, long nowNanos) {
        Entry entry = entries.get(region);
        if (entry != null) {
            entry.held.flush(entry.link, nowNanos);
        }
    }

    /** Whether one of the connections leads to one of these addresses. */
    public boolean hasRelayIn(IpPrefix block) {
        return entries.values().stream()
                .map(entry -> entry.link.address())
                .anyMatch(address -> address != null && block.contains(address));
    }

    /** The machine's network has changed: connections that may be dead are tried, and those that broke made anew. */
    public void networkChanged(boolean isLost) {
        entries.values().forEach(entry -> entry.link.networkChanged(isLost));
    }

    /** Closes connections that are neither home nor used; to be called every few seconds. */
    public synchronized void sweep(long nowNanos) {
        int keep = place();
        for (Iterator<Entry> each = entries.values().iterator(); each.hasNext(); ) {
            Entry entry = each.next();
            if (entry.region.id() != keep && nowNanos - entry.lastUsedNanos > IDLE_SECONDS * 1_000_000_000L) {
                each.remove();
                close(entry);
            }
        }
    }

    /**
     * Packets for relays that were dropped, by reason; zeros left out. "held" are those that waited in vain, or found no
     * place to wait, for a relay that did not let us in; "unknown_region" those for regions that are not in the map.
     */
    public synchronized SortedMap<String, Long> drops() {
        SortedMap<String, Long> drops = new TreeMap<>(formerDrops);
        entries.values().forEach(entry -> addDrops(entry, drops));
        drops.merge("unknown_region", unknownRegionDrops.sum(), Long::sum);
        drops.values().removeIf(count -> count == 0);
        return drops;
    }

    private void close(Entry entry) {
        entry.link.close();
        addDrops(entry, formerDrops);
    }

    private static void addDrops(Entry entry, SortedMap<String, Long> drops) {
        entry.link.drops().forEach((reason, count) -> drops.merge(reason, count, Long::sum));
        drops.merge("held", entry.held.drops(), Long::sum);
    }

    private synchronized @Nullable Entry connect(int region, long nowNanos) {
        Entry there = entries.get(region);
        DerpRegion known = map.region(region);
        if (there != null || known == null || closed || known.relays().isEmpty()) {
            return there;
        }
        Entry entry = new Entry(dialer.dial(known), known, nowNanos);
        entries.put(region, entry);
        entry.link.notePreferred(region == home);
        return entry;
    }

    /** The region where the node listens: its home, or the first one while that is none with a relay; 0 for none. */
    private int place() {
        SortedSet<Integer> relayed = map.relayed();
        if (relayed.contains(home)) {
            return home;
        }
        return relayed.isEmpty() ? 0 : relayed.first();
    }

    /** Closes every connection. */
    @Override
    public synchronized void close() {
        closed = true;
        entries.values().forEach(entry -> entry.link.close());
        entries.clear();
    }
}
