package dev.warren.platform.linux;

import static dev.warren.platform.linux.Constants.CLOCK_BOOTTIME;
import static dev.warren.platform.linux.Constants.EPOLLERR;
import static dev.warren.platform.linux.Constants.EPOLLHUP;
import static dev.warren.platform.linux.Constants.EPOLLIN;
import static dev.warren.platform.linux.Constants.EPOLLOUT;
import static dev.warren.platform.linux.Constants.EPOLL_CTL_ADD;
import static dev.warren.platform.linux.Constants.EPOLL_CTL_DEL;
import static dev.warren.platform.linux.Constants.EPOLL_CTL_MOD;
import static dev.warren.platform.linux.Constants.EPOLL_DATA_OFFSET;
import static dev.warren.platform.linux.Constants.EPOLL_EVENT_BYTES;
import static dev.warren.platform.linux.Constants.O_CLOEXEC;
import static dev.warren.platform.linux.Constants.O_NONBLOCK;
import static dev.warren.platform.linux.Constants.TFD_TIMER_ABSTIME;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Waits for descriptors, for a point in time and for other threads (epoll, a timer on CLOCK_BOOTTIME, an eventfd).
 *
 * <p>One thread owns it and calls everything but {@link #wakeUp}, which is for any thread. Readiness is
 * level-triggered.
 */
public final class Poller implements AutoCloseable {
    /** No deadline, see {@link #await}. */
    public static final long NEVER = Long.MAX_VALUE;

    private static final int USUAL_EVENTS = 16;
    private static final int WAKE_TOKEN = -1;
    private static final int TIMER_TOKEN = -2;
    private static final long NANOS_PER_SECOND = 1_000_000_000;
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED;

    private final Descriptor epoll;
    private final Descriptor wake;
    private final Descriptor timer;
    private final AtomicBoolean wakePending = new AtomicBoolean();
    private final Object wakeLock = new Object();
    private final MemorySegment events;
    private final MemorySegment control;
    private final MemorySegment counter;
    private final MemorySegment timerSpec;
    private final int[] readyTokens;
    private final int[] readyMasks;
    private long armedNanos = NEVER;

    private Poller(Descriptor epoll, Descriptor wake, Descriptor timer, int maxEvents) {
        this.epoll = epoll;
        this.wake = wake;
        this.timer = timer;
        Arena arena = Arena.ofAuto();
        events = arena.allocate((long) maxEvents * EPOLL_EVENT_BYTES, 8);
        readyTokens = new int[maxEvents];
        readyMasks = new int[maxEvents];
        control = arena.allocate(16, 8);
        counter = arena.allocate(ValueLayout.JAVA_LONG);
        timerSpec = arena.allocate(32, 8);
    }

    /** A poller that waits for nothing yet, for a handful of descriptors. */
    public static Poller open() throws LinuxException {
        return open(USUAL_EVENTS);
    }

    /** A poller that waits for nothing yet; one {@link #await} tells of at most {@code maxEvents} descriptors. */
    public static Poller open(int maxEvents) throws LinuxException {
        Descriptor epoll = new Descriptor(LinuxException.check(Libc.epollCreate(O_CLOEXEC), "make an epoll instance"));
        Descriptor wake = new Descriptor(Libc.eventfd(0, O_CLOEXEC | O_NONBLOCK));
        Descriptor timer = new Descriptor(Libc.timerfdCreate(CLOCK_BOOTTIME, O_CLOEXEC | O_NONBLOCK));
        Poller poller = new Poller(epoll, wake, timer, maxEvents);
        try {
            poller.control(EPOLL_CTL_ADD, wake.number(), EPOLLIN, WAKE_TOKEN);
            poller.control(EPOLL_CTL_ADD, timer.number(), EPOLLIN, TIMER_TOKEN);
        } catch (LinuxException noDescriptors) {
            poller.close();
            throw noDescriptors;
        }
        return poller;
    }

    /** Waits for {@code descriptor} from now on; {@code token} (0 or more) says later which one is ready. */
    public void add(int descriptor, int token, boolean read, boolean write) throws LinuxException {
        control(EPOLL_CTL_ADD, descriptor, mask(read, write), token);
    }

    /** Changes what is waited for. With neither read nor write, only errors are reported. */
    public void change(int descriptor, int token, boolean read, boolean write) throws LinuxException {
        control(EPOLL_CTL_MOD, descriptor, mask(read, write), token);
    }

    /** Forgets {@code descriptor}; closing a descriptor does it too. */
    public void remove(int descriptor) throws LinuxException {
        control(EPOLL_CTL_DEL, descriptor, 0, 0);
    }

    /**
     * Sleeps until a descriptor is ready, {@link #wakeUp} was called or {@link Clock#bootTimeNanos} has reached {@code
     * deadlineNanos}.
     *
     * @return how many descriptors are ready: index of {@link #token}, {@link #isReadable}, {@link #isWritable}; 0 for
     *     a wake-up, a deadline or an interruption by a signal
     */
    public int await(long deadlineNanos) throws LinuxException {
        int count = Libc.epollWait(epoll.number(), events, readyTokens.length, arm(deadlineNanos));
        if (count == -Errno.EINTR.number()) {
            return 0;
        }
        LinuxException.check(count, "wait for descriptors");
        int ready = 0;
        for (int i = 0; i < count; i++) {
            long event = (long) i * EPOLL_EVENT_BYTES;
            int token = events.get(INT, event + EPOLL_DATA_OFFSET);
            if (token == WAKE_TOKEN) {
                Libc.read(wake.number(), counter, Long.BYTES);
                wakePending.set(false);
            } else if (token == TIMER_TOKEN) {
                Libc.read(timer.number(), counter, Long.BYTES);
                armedNanos = NEVER;
            } else {
                readyTokens[ready] = token;
                readyMasks[ready++] = events.get(INT, event);
            }
        }
        return ready;
    }

    /** The token of the ready descriptor {@code index}. */
    public int token(int index) {
        return readyTokens[index];
    }

    /** Whether that descriptor can be read, or has an error that reading tells. */
    public boolean isReadable(int index) {
        return (readyMasks[index] & (EPOLLIN | EPOLLERR | EPOLLHUP)) != 0;
    }

    /** Whether that descriptor can be written. */
    public boolean isWritable(int index) {
        return (readyMasks[index] & EPOLLOUT) != 0;
    }

    /** Lets a running or the next {@link #await} return. From any thread, also after closing (then it does nothing). */
    public void wakeUp() {
        if (!wakePending.compareAndSet(false, true)) {
            return;
        }
        // The lock keeps close() from freeing the number for another file between the look-up and the write.
        synchronized (wakeLock) {
            if (wake.isOpen()) {
                try (Arena arena = Arena.ofConfined()) {
                    Libc.write(wake.number(), arena.allocateFrom(ValueLayout.JAVA_LONG, 1L), Long.BYTES);
                }
            }
        }
    }

    @Override
    public void close() {
        synchronized (wakeLock) {
            wake.close();
        }
        timer.close();
        epoll.close();
    }

    /** Sets the timer where that is needed; returns the timeout for epoll_wait. */
    private int arm(long deadlineNanos) throws LinuxException {
        if (deadlineNanos != NEVER && deadlineNanos <= Clock.bootTimeNanos()) {
            return 0;
        }
        if (deadlineNanos != armedNanos) {
            long atNanos = deadlineNanos == NEVER ? 0 : deadlineNanos;
            timerSpec.set(ValueLayout.JAVA_LONG, 16, atNanos / NANOS_PER_SECOND);
            timerSpec.set(ValueLayout.JAVA_LONG, 24, atNanos % NANOS_PER_SECOND);
            LinuxException.check(Libc.timerfdSettime(timer.number(), TFD_TIMER_ABSTIME, timerSpec), "set the timer");
            armedNanos = deadlineNanos;
        }
        return -1;
    }

    private void control(int operation, int descriptor, int mask, int token) throws LinuxException {
        control.set(INT, 0, mask);
        control.set(INT, EPOLL_DATA_OFFSET, token);
        LinuxException.check(
                Libc.epollControl(epoll.number(), operation, descriptor, control), "change what epoll waits for");
    }

    private static int mask(boolean read, boolean write) {
        return (read ? EPOLLIN : 0) | (write ? EPOLLOUT : 0);
    }
}
