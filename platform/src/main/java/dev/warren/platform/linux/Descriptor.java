package dev.warren.platform.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.atomic.AtomicInteger;

/** An open file descriptor that is closed at most once; any thread may close it. */
final class Descriptor implements AutoCloseable {
    private static final int CLOSED = -1;

    private final AtomicInteger number;

    Descriptor(int number) {
        this.number = new AtomicInteger(number);
    }

    /** The number for a system call; -1 after closing, which every call answers with EBADF. */
    int number() {
        return number.get();
    }

    boolean isOpen() {
        return number() != CLOSED;
    }

    /** Sets an integer socket option; the negated error number when refused. */
    int setOption(int level, int name, int value) {
        try (Arena arena = Arena.ofConfined()) {
            return Libc.setsockopt(number(), level, name, Libc.intIn(arena, value), Integer.BYTES);
        }
    }

    /** Reads an integer socket option; the negated error number when refused. */
    int option(int level, int name) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment value = Libc.intIn(arena, 0);
            int result = Libc.getsockopt(number(), level, name, value, Libc.intIn(arena, Integer.BYTES));
            return result < 0 ? result : value.get(ValueLayout.JAVA_INT, 0);
        }
    }

    @Override
    public void close() {
        int open = number.getAndSet(CLOSED);
        if (open != CLOSED) {
            Libc.close(open);
        }
    }
}
