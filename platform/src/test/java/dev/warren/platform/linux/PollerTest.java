package dev.warren.platform.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class PollerTest {
    private static final long MILLISECOND = 1_000_000;

    @Test
    void shouldSleepUntilTheDeadlineAndNotMuchLonger() throws LinuxException {
        try (Poller poller = Poller.open()) {
            for (long waitNanos : new long[] {300_000, 20 * MILLISECOND}) {
                long deadlineNanos = Clock.bootTimeNanos() + waitNanos;
                assertEquals(0, poller.await(deadlineNanos));
                long lateNanos = Clock.bootTimeNanos() - deadlineNanos;
                assertTrue(lateNanos >= 0, "returned " + -lateNanos + " ns too early");
                assertTrue(lateNanos < 2_000 * MILLISECOND, "returned " + lateNanos + " ns late");
            }
        }
    }

    @Test
    void shouldNotSleepWhenTheDeadlineHasPassed() throws LinuxException {
        try (Poller poller = Poller.open()) {
            assertEquals(0, poller.await(0));
            assertEquals(0, poller.await(Clock.bootTimeNanos() - 1));
        }
    }

    @Test
    void shouldForgetAnEarlierDeadlineWhenALaterOneIsGiven() throws LinuxException {
        try (Poller poller = Poller.open()) {
            long first = Clock.bootTimeNanos() + 5 * MILLISECOND;
            poller.wakeUp();
            poller.await(first);
            long second = first + 20 * MILLISECOND;
            poller.await(second);
            assertTrue(Clock.bootTimeNanos() >= second, "the first deadline still woke it");
        }
    }

    @Test
    void shouldReturnAtOnceAfterAWakeUpThatCameBefore() throws LinuxException {
        try (Poller poller = Poller.open()) {
            poller.wakeUp();
            poller.wakeUp();
            assertEquals(0, poller.await(Poller.NEVER));
            poller.wakeUp();
            assertEquals(0, poller.await(Poller.NEVER));
        }
    }

    @Test
    void shouldBeWokenByAnotherThread() throws Exception {
        try (Poller poller = Poller.open()) {
            CountDownLatch started = new CountDownLatch(1);
            Thread waker = Thread.ofPlatform().start(() -> {
                started.countDown();
                poller.wakeUp();
            });
            started.await();
            assertEquals(0, poller.await(Poller.NEVER));
            waker.join();
        }
    }

    @Test
    void shouldTellWhichDescriptorIsReadyForWhat() throws LinuxException {
        try (Poller poller = Poller.open();
                Descriptor event = new Descriptor(Libc.eventfd(0, Constants.O_NONBLOCK));
                Arena arena = Arena.ofConfined()) {
            poller.add(event.number(), 3, true, false);
            assertEquals(0, poller.await(0));

            Libc.write(event.number(), arena.allocateFrom(ValueLayout.JAVA_LONG, 1L), Long.BYTES);
            assertEquals(1, poller.await(Poller.NEVER));
            assertEquals(3, poller.token(0));
            assertTrue(poller.isReadable(0));
            assertFalse(poller.isWritable(0));

            poller.change(event.number(), 4, false, true);
            assertEquals(1, poller.await(Poller.NEVER));
            assertEquals(4, poller.token(0));
            assertFalse(poller.isReadable(0));
            assertTrue(poller.isWritable(0));

            poller.remove(event.number());
            assertEquals(0, poller.await(0));
        }
    }

    @Test
    void shouldSayThatAClosedDescriptorCanNotBeWatched() throws LinuxException {
        try (Poller poller = Poller.open()) {
            LinuxException thrown = assertThrows(LinuxException.class, () -> poller.add(-1, 0, true, false));
            assertTrue(thrown.is(Errno.EBADF));
        }
    }

    @Test
    void shouldTolerateAWakeUpAfterClosing() throws LinuxException {
        Poller poller = Poller.open();
        poller.close();
        poller.close();
        poller.wakeUp();
        assertThrows(LinuxException.class, () -> poller.await(Poller.NEVER));
    }
}
