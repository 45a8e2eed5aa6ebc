package dev.warren.relay.client;

import dev.warren.protocol.key.NodePublicKey;
import io.netty.buffer.ByteBuf;
import java.security.SecureRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Values by node key, which are found by a key's 32 bytes as they lie in a frame: that makes no object and takes no
 * lock, and reads one slot and the entries behind it. Any thread may look up; changes are up to one thread at a time,
 * so to a lock of the owner's.
 *
 * <p>A hash table with lists of entries that never change: a change makes new ones and publishes the slot, or after
 * growth the whole array. Keys come from strangers, who could grind some that fall into one slot, so the hash has a
 * secret factor (Dietzfelbinger's multiply-shift).
 */
public final class KeyTable<V> {
    private static final int FIRST_SLOTS = 64;

    private final long factor = new SecureRandom().nextLong() | 1;
    private final AtomicInteger size = new AtomicInteger();
    private volatile AtomicReferenceArray<@Nullable Entry<V>> slots = new AtomicReferenceArray<>(FIRST_SLOTS);

    /** An empty table. */
    public KeyTable() {}

    /** How many keys there are. */
    public int size() {
        return size.get();
    }

    /** The value of the key whose bytes lie at {@code index}, or null. */
    public @Nullable V find(ByteBuf buffer, int index) {
        long first = buffer.getLong(index);
        AtomicReferenceArray<@Nullable Entry<V>> now = slots;
        for (Entry<V> entry = now.get(slot(first, now)); entry != null; entry = entry.next) {
            if (entry.first == first
                    && entry.second == buffer.getLong(index + Long.BYTES)
                    && entry.third == buffer.getLong(index + 2 * Long.BYTES)
                    && entry.fourth == buffer.getLong(index + 3 * Long.BYTES)) {
                return entry.value;
            }
        }
        return null;
    }

    /** The value of {@code key}, or null. */
    public @Nullable V find(NodePublicKey key) {
        AtomicReferenceArray<@Nullable Entry<V>> now = slots;
        Entry<V> entry = now.get(slot(key.word(0), now));
        while (entry != null && !entry.isOf(key)) {
            entry = entry.next;
        }
        return entry == null ? null : entry.value;
    }

    /** Gives {@code key}, which must have none, a value. */
    public void add(NodePublicKey key, V value) {
        if (find(key) != null) {
            throw new IllegalArgumentException("the table has " + key.shortText() + " already");
        }
        if (size.get() >= slots.length() - slots.length() / 4) {
            grow();
        }
        int slot = slot(key.word(0), slots);
        slots.set(slot, new Entry<>(key, value, slots.get(slot)));
        size.incrementAndGet();
    }

    /** Takes {@code key} out; no-op when it is not there. */
    public void remove(NodePublicKey key) {
        if (find(key) != null) {
            int slot = slot(key.word(0), slots);
            slots.set(slot, without(key, slots.get(slot)));
            size.decrementAndGet();
        }
    }

    /** Hands all values to {@code action}, those of the moment when no other thread changes the table. */
    public void forEach(Consumer<V> action) {
        AtomicReferenceArray<@Nullable Entry<V>> now = slots;
        for (int slot = 0; slot < now.length(); slot++) {
            for (Entry<V> entry = now.get(slot); entry != null; entry = entry.next) {
                action.accept(entry.value);
            }
        }
    }

    private void grow() {
        AtomicReferenceArray<@Nullable Entry<V>> before = slots;
        AtomicReferenceArray<@Nullable Entry<V>> grown = new AtomicReferenceArray<>(2 * before.length());
        for (int slot = 0; slot < before.length(); slot++) {
            for (Entry<V> entry = before.get(slot); entry != null; entry = entry.next) {
                int target = slot(entry.first, grown);
                grown.setPlain(target, new Entry<>(entry, grown.getPlain(target)));
            }
        }
        slots = grown;
    }

    private int slot(long first, AtomicReferenceArray<?> of) {
        return (int) ((first * factor) >>> (Long.numberOfLeadingZeros(of.length()) + 1));
    }

    private static <V> @Nullable Entry<V> without(NodePublicKey key, @Nullable Entry<V> from) {
        if (from == null || from.isOf(key)) {
            return from == null ? null : from.next;
        }
        return new Entry<>(from, without(key, from.next));
    }

    private static final class Entry<V> {
        private final long first;
        private final long second;
        private final long third;
        private final long fourth;
        private final V value;
        private final @Nullable Entry<V> next;

        Entry(NodePublicKey key, V value, @Nullable Entry<V> next) {
            this.first = key.word(0);
            this.second = key.word(1);
            this.third = key.word(2);
            this.fourth = key.word(3);
            this.value = value;
            this.next = next;
        }

        Entry(Entry<V> like, @Nullable Entry<V> next) {
            this.first = like.first;
            this.second = like.second;
            this.third = like.third;
            this.fourth = like.fourth;
            this.value = like.value;
            this.next = next;
        }

        boolean isOf(NodePublicKey key) {
            return first == key.word(0) && second == key.word(1) && third == key.word(2) && fourth == key.word(3);
        }
    }
}
