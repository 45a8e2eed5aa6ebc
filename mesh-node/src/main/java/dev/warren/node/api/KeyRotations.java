package dev.warren.node.api;

import dev.warren.platform.config.Sentences;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The keys of one interface that change by a schedule, each on a thread of its own, as a step may have to wait long. */
final class KeyRotations implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(KeyRotations.class);
    /** The clock may be set while somebody sleeps. */
    private static final Duration LONGEST_SLEEP = Duration.ofSeconds(30);

    private static final Duration LONGEST_END = Duration.ofSeconds(5);

    private final String name;
    private final InstantSource clock;
    private final List<Turning> all = new ArrayList<>(); // guarded by this
    private boolean closed; // guarded by this

    /** None yet, for the interface {@code name}. */
    KeyRotations(String name, InstantSource clock) {
        this.name = name;
        this.clock = clock;
    }

    /** Begins to change a key, in place of what has changed it so far. The first step is taken at once, and may fail. */
    void begin(KeyRotation rotation) throws IOException {
        for (Turning replaced : withSubject(rotation.subject())) {
            remove(replaced);
            replaced.end();
        }
        Turning turning = new Turning(rotation, rotation.step(clock.instant()));
        synchronized (this) {
            if (closed) {
                throw new IOException("the interface " + name + " has ended");
            }
            all.add(turning);
            turning.thread.start();
        }
    }

    /** Whether the key of {@code subject} is being changed. */
    boolean isChanging(Object subject) {
        return !withSubject(subject).isEmpty();
    }

    private synchronized List<Turning> withSubject(Object subject) {
        return all.stream()
                .filter(one -> one.rotation.subject().equals(subject))
                .toList();
    }

    /** Ends all; the keys stay as they are. */
    @Override
    public void close() {
        List<Turning> ending;
        synchronized (this) {
            closed = true;
            ending = List.copyOf(all);
            all.clear();
        }
        ending.forEach(Turning::end);
    }

    private synchronized void remove(Turning turning) {
        all.remove(turning);
    }

    /** One of the keys. */
    private final class Turning {
        private final KeyRotation rotation;
        private final CountDownLatch end = new CountDownLatch(1);
        private final Thread thread;
        private Instant next;
        private String lastFailure = "";

        Turning(KeyRotation rotation, Instant next) {
            this.rotation = rotation;
            this.next = next;
            this.thread = Thread.ofVirtual().name("rotation-" + name).unstarted(this::run);
        }

        private void run() {
            try {
                while (!next.equals(KeyRotation.NEVER) && !end.await(nanosToNext(), TimeUnit.NANOSECONDS)) {
                    step(clock.instant());
                }
            } catch (InterruptedException ended) {
                Thread.currentThread().interrupt();
            }
            remove(this);
        }

        private long nanosToNext() {
            Duration left = Duration.between(clock.instant(), next);
            return (left.compareTo(LONGEST_SLEEP) < 0 ? left : LONGEST_SLEEP).toNanos();
        }

        private void step(Instant now) {
            if (now.isBefore(next)) {
                return;
            }
            try {
                next = rotation.step(now);
                lastFailure = "";
            } catch (IOException | RuntimeException failed) {
                next = now.plus(KeyRotation.patience(rotation.schedule()));
                String why = Sentences.describe(failed);
                if (end.getCount() > 0 && !why.equals(lastFailure)) {
                    lastFailure = why;
                    LOG.warn("{}: a key could not be changed, and will be tried again: {}", name, why);
                }
            }
        }

        /** Returns when its last step is done, or can't be hurried. */
        private void end() {
            end.countDown();
            thread.interrupt();
            try {
                if (thread.equals(Thread.currentThread()) || !thread.join(LONGEST_END)) {
                    LOG.debug("{}: a step of a key's change goes on", name);
                }
            } catch (InterruptedException hurried) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
