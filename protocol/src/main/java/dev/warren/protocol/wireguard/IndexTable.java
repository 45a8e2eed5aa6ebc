package dev.warren.protocol.wireguard;

import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Local index to what it stands for, a handshake in flight or a session: an open-addressing table, so that a look-up
 * per packet allocates nothing. Indices are random and never zero (zero marks a free slot).
 */
final class IndexTable<T> {
    private static final int INITIAL_SLOTS = 64;

    private final RandomGenerator random;
    private int[] indices = new int[INITIAL_SLOTS];
    private @Nullable Object[] values = new @Nullable Object[INITIAL_SLOTS];
    private int size;

    IndexTable(RandomGenerator random) {
        this.random = random;
    }

    int size() {
        return size;
    }

    /** Files {@code value} under a fresh random index. */
    int add(T value) {
        if (2 * (size + 1) > indices.length) {
            grow();
        }
        int index;
        do {
            index = random.nextInt();
        } while (index == 0 || get(index) != null);
        insert(index, value);
        return index;
    }

    /** Puts {@code value} in the place of what the index stood for. */
    void replace(int index, T value) {
        int slot = find(index);
        if (slot < 0) {
            throw new IllegalArgumentException("no such index");
        }
        values[slot] = value;
    }

    @SuppressWarnings("unchecked") // only values of T are put in
    @Nullable
    T get(int index) {
        int slot = find(index);
        return slot < 0 ? null : (T) values[slot];
    }

    /** Frees the index; no-op when it is free. */
    void remove(int index) {
        int hole = find(index);
        if (hole < 0) {
            return;
        }
        size--;
        int mask = indices.length - 1;
        for (int next = (hole + 1) & mask; indices[next] != 0; next = (next + 1) & mask) {
            int home = indices[next] & mask;
            // The entry may fill the hole unless its home slot lies behind the hole.
            if (((next - home) & mask) >= ((next - hole) & mask)) {
                indices[hole] = indices[next];
                values[hole] = values[next];
                hole = next;
            }
        }
        indices[hole] = 0;
        values[hole] = null;
    }

    private int find(int index) {
        if (index == 0) {
            return -1;
        }
        int mask = indices.length - 1;
        for (int slot = index & mask; indices[slot] != 0; slot = (slot + 1) & mask) {
            if (indices[slot] == index) {
                return slot;
            }
        }
        return -1;
    }

    private void insert(int index, Object value) {
        int mask = indices.length - 1;
        int slot = index & mask;
        while (indices[slot] != 0) {
            slot = (slot + 1) & mask;
        }
        indices[slot] = index;
        values[slot] = value;
        size++;
    }

    private void grow() {
        int[] oldIndices = indices;
        @Nullable Object[] oldValues = values;
        indices = new int[2 * oldIndices.length];
        values = new @Nullable Object[indices.length];
        size = 0;
        for (int i = 0; i < oldIndices.length; i++) {
            Object value = oldValues[i];
            if (value != null) {
                insert(oldIndices[i], value);
            }
        }
    }
}
