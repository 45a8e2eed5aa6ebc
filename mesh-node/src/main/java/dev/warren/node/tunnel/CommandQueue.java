package dev.warren.node.tunnel;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import org.jspecify.annotations.Nullable;

/**
 * Work for the datapath thread from others, bounded. After {@link #end} nothing is taken any more, and what still
 * waited is told that it will not run.
 */
final class CommandQueue {
    /**
     * A piece of work.
     *
     * @param command what to run on the datapath thread
     * @param abandoned what to run, on any thread, when {@code command} never will be
     */
    record Entry(Datapath.Command command, Runnable abandoned) {}

    private final BlockingQueue<Entry> queue;
    private volatile boolean ended;

    CommandQueue(int capacity) {
        queue = new ArrayBlockingQueue<>(capacity);
    }

    /** False when there is no room or the end has come; {@code abandoned} is not called then. */
    boolean offer(Entry entry) {
        if (ended || !queue.offer(entry)) {
            return false;
        }
        // Whoever comes in while the end comes may find nobody left to empty the queue.
        return !ended || !queue.remove(entry);
    }

    @Nullable
    Entry take() {
        return queue.poll();
    }

    boolean isEmpty() {
        return queue.isEmpty();
    }

    void end() {
        ended = true;
        for (Entry entry = queue.poll(); entry != null; entry = queue.poll()) {
            entry.abandoned.run();
        }
    }
}
