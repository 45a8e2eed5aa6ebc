package dev.warren.node.tunnel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class CommandQueueTest {
    private final AtomicInteger abandoned = new AtomicInteger();

    @Test
    void shouldGiveBackInOrderAndRefuseWhenFull() {
        CommandQueue queue = new CommandQueue(2);
        CommandQueue.Entry first = entry();
        CommandQueue.Entry second = entry();
        assertTrue(queue.offer(first));
        assertTrue(queue.offer(second));
        assertFalse(queue.offer(entry()));
        assertSame(first, queue.take());
        assertSame(second, queue.take());
        assertNull(queue.take());
        assertTrue(queue.isEmpty());
        assertEquals(0, abandoned.get());
    }

    @Test
    void shouldTellThoseThatWaitAtTheEndAndRefuseLaterOnes() {
        CommandQueue queue = new CommandQueue(2);
        queue.offer(entry());
        queue.offer(entry());
        queue.end();
        assertEquals(2, abandoned.get());
        assertFalse(queue.offer(entry()));
        assertEquals(2, abandoned.get());
    }

    private CommandQueue.Entry entry() {
        return new CommandQueue.Entry(nowNanos -> {}, abandoned::incrementAndGet);
    }
}
