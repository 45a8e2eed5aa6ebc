package dev.warren.relay.client;

import dev.warren.relay.client.RelayMetrics.Drop;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * What one connection has carried, for the operator's list of clients. Written by the connection's event loop, apart
 * from drops, which any thread may count; read by any thread, a moment late at worst.
 */
final class ConnectionCounts {
    private static final VarHandle VALUE = MethodHandles.arrayElementVarHandle(long[].class);
    private static final int RECEIVED_PACKETS = 0;
    private static final int RECEIVED_BYTES = 1;
    private static final int SENT_PACKETS = 2;
    private static final int SENT_BYTES = 3;
    private static final int VALUES = 4;

    private final long[] values = new long[VALUES];
    /** Most connections never have any. */
    private volatile @Nullable Map<Drop, LongAdder> drops;

    /** Packets of {@code bytes} together came from the client. On the event loop. */
    void received(int packets, int bytes) {
        add(RECEIVED_PACKETS, packets);
        add(RECEIVED_BYTES, bytes);
    }

    /** Packets of {@code bytes} together were handed to the client's channel. On the event loop. */
    void sent(int packets, int bytes) {
        add(SENT_PACKETS, packets);
        add(SENT_BYTES, bytes);
    }

    /** Something for the client, or from it, was dropped. Any thread. */
    void dropped(Drop reason) {
        Map<Drop, LongAdder> counters = drops;
        if (counters == null) {
            counters = firstDrop();
        }
        counters.computeIfAbsent(reason, _ -> new LongAdder()).increment();
    }

    long receivedPackets() {
        return read(RECEIVED_PACKETS);
    }

    long receivedBytes() {
        return read(RECEIVED_BYTES);
    }

    long sentPackets() {
        return read(SENT_PACKETS);
    }

    long sentBytes() {
        return read(SENT_BYTES);
    }

    /** How often for each reason; reasons that have not occurred are left out. */
    Map<Drop, Long> drops() {
        Map<Drop, Long> counts = new EnumMap<>(Drop.class);
        Map<Drop, LongAdder> counters = drops;
        if (counters != null) {
            counters.forEach((reason, counter) -> counts.put(reason, counter.sum()));
        }
        return counts;
    }

    private synchronized Map<Drop, LongAdder> firstDrop() {
        Map<Drop, LongAdder> counters = drops;
        if (counters == null) {
            counters = new ConcurrentHashMap<>();
            drops = counters;
        }
        return counters;
    }

    private void add(int index, long count) {
        // There is one writer, so a plain addition will do; opaque, so that readers see whole values.
        VALUE.setOpaque(values, index, values[index] + count);
    }

    private long read(int index) {
        return (long) VALUE.getOpaque(values, index);
    }
}
