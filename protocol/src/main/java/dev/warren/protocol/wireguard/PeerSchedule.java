package dev.warren.protocol.wireguard;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The peers by their next deadline: a binary heap in which each peer knows its place, so that moving one is cheap. */
final class PeerSchedule {
    private final List<Entry> heap = new ArrayList<>();

    /** A peer's place in the schedule. */
    static final class Entry {
        private final Peer peer;
        private long deadlineNanos = PeerTimers.NEVER;
        private int slot = -1;

        Entry(Peer peer) {
            this.peer = peer;
        }
    }

    /** When the first peer is due, or {@link PeerTimers#NEVER}. */
    long nextDeadlineNanos() {
        return heap.isEmpty() ? PeerTimers.NEVER : heap.getFirst().deadlineNanos;
    }

    /** A peer that is due, or null. */
    @Nullable
    Peer due(long nowNanos) {
        return nextDeadlineNanos() <= nowNanos && !heap.isEmpty() ? heap.getFirst().peer : null;
    }

    /** Files the peer under its deadline; one that has none is left out. */
    void update(Entry entry, long deadlineNanos) {
        if (entry.deadlineNanos == deadlineNanos) {
            return;
        }
        entry.deadlineNanos = deadlineNanos;
        if (deadlineNanos == PeerTimers.NEVER) {
            remove(entry);
            return;
        }
        if (entry.slot < 0) {
            entry.slot = heap.size();
            heap.add(entry);
        }
        siftUp(entry);
        siftDown(entry);
    }

    private void remove(Entry entry) {
        int slot = entry.slot;
        entry.slot = -1;
        Entry last = heap.removeLast();
        if (last != entry) {
            place(last, slot);
            siftUp(last);
            siftDown(last);
        }
    }

    private void siftUp(Entry entry) {
        while (entry.slot > 0) {
            Entry parent = heap.get((entry.slot - 1) / 2);
            if (parent.deadlineNanos <= entry.deadlineNanos) {
                return;
            }
            swap(parent, entry);
        }
    }

    private void siftDown(Entry entry) {
        while (true) {
            int left = 2 * entry.slot + 1;
            if (left >= heap.size()) {
                return;
            }
            Entry child = heap.get(left);
            if (left + 1 < heap.size() && heap.get(left + 1).deadlineNanos < child.deadlineNanos) {
                child = heap.get(left + 1);
            }
            if (child.deadlineNanos >= entry.deadlineNanos) {
                return;
            }
            swap(entry, child);
        }
    }

    private void swap(Entry one, Entry other) {
        int slot = one.slot;
        place(one, other.slot);
        place(other, slot);
    }

    private void place(Entry entry, int slot) {
        entry.slot = slot;
        heap.set(slot, entry);
    }
}
