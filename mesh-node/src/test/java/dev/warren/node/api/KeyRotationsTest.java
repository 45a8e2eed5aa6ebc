package dev.warren.node.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.node.keys.RotationSchedule;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The threads that take the steps. */
@Timeout(30)
class KeyRotationsTest {
    private final KeyRotations rotations = new KeyRotations("wg0", InstantSource.system());
    private final BlockingQueue<Instant> steps = new LinkedBlockingQueue<>();

    @AfterEach
    void close() {
        rotations.close();
    }

    /** A rotation whose steps are written down, and then do as they are told. */
    private final class Noted implements KeyRotation {
        private final Object subject;
        private final Step step;

        Noted(Object subject, Step step) {
            this.subject = subject;
            this.step = step;
        }

        @Override
        public Instant step(Instant now) throws IOException {
            steps.add(now);
            return step.take(now);
        }

        @Override
        public RotationSchedule schedule() {
            return RotationSchedule.every(Duration.ofSeconds(1));
        }

        @Override
        public Object subject() {
            return subject;
        }
    }

    private interface Step {
        Instant take(Instant now) throws IOException;
    }

    @Test
    void shouldTakeTheFirstStepAtOnceAndTheOthersWhenTheyAreDue() throws Exception {
        rotations.begin(new Noted("key", now -> now.plusMillis(40)));
        Instant before = steps.remove();
        for (int i = 0; i < 3; i++) {
            Instant next = steps.take();
            assertFalse(next.isBefore(before.plusMillis(40)));
            before = next;
        }
        assertTrue(rotations.isChanging("key"));
        assertFalse(rotations.isChanging("another key"));
    }

    @Test
    void shouldThrowWhatTheFirstStepThrowsAndTryTheOthersAgain() throws Exception {
        assertThrows(
                IOException.class,
                () -> rotations.begin(new Noted("key", _ -> {
                    throw new IOException("no such file");
                })));
        assertFalse(rotations.isChanging("key"));
        int[] count = {0};
        rotations.begin(new Noted("key", now -> {
            if (count[0]++ % 2 == 1) {
                throw new IllegalStateException("not now");
            }
            return now;
        }));
        for (int i = 0; i < 5; i++) {
            steps.take();
        }
        assertTrue(rotations.isChanging("key"));
    }

    @Test
    void shouldEndARotationThatHasNothingLeftToDo() throws Exception {
        rotations.begin(new Noted("key", _ -> KeyRotation.NEVER));
        steps.take();
        TestMachine.await("its end", () -> !rotations.isChanging("key"));
    }

    @Test
    void shouldPutANewRotationInTheOldOnesPlace() throws Exception {
        rotations.begin(new Noted("key", now -> now.plusMillis(1)));
        rotations.begin(new Noted("another key", _ -> Instant.now().plusSeconds(1000)));
        rotations.begin(new Noted("key", _ -> Instant.now().plusSeconds(1000)));
        steps.clear();
        assertEquals(null, steps.poll(60, TimeUnit.MILLISECONDS), "the first one has ended");
        assertTrue(rotations.isChanging("key") && rotations.isChanging("another key"));
    }

    @Test
    void shouldNotWaitForAProviderThatWaits() throws Exception {
        CountDownLatch interrupted = new CountDownLatch(1);
        boolean[] isFirst = {true};
        rotations.begin(new Noted("key", now -> {
            if (isFirst[0]) {
                isFirst[0] = false;
                return now;
            }
            try {
                new CountDownLatch(1).await();
            } catch (InterruptedException hurried) {
                interrupted.countDown();
            }
            return now;
        }));
        steps.take();
        steps.take();
        rotations.close();
        assertTrue(interrupted.await(20, TimeUnit.SECONDS));
        assertFalse(rotations.isChanging("key"));
        assertThrows(IOException.class, () -> rotations.begin(new Noted("key", now -> now)));
        assertEquals(1, steps.size(), "that step, and no other after it");
    }
}
