package dev.warren.platform.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs an action at each SIGHUP and whenever one of some files has changed, on one thread, one run at a time; what is
 * asked for during a run is one more run behind it. Files are looked at from time to time, which works on every file
 * system and with files that are replaced or reached through links. A change counts when the next look finds the same: a
 * file that is still being written, or the first of two that belong together, is not acted on.
 */
public final class ReloadLoop implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ReloadLoop.class);

    private final BlockingQueue<String> requests = new ArrayBlockingQueue<>(1);
    private final Duration interval;
    private final Supplier<? extends Collection<Path>> files;
    private final Consumer<String> action;
    private final Thread thread;
    private final HangUp hangUp;
    private FilePrints acted = FilePrints.none();
    private FilePrints last = FilePrints.none();
    private volatile boolean closed;

    private ReloadLoop(Duration interval, Supplier<? extends Collection<Path>> files, Consumer<String> action) {
        this.interval = interval;
        this.files = files;
        this.action = action;
        this.thread = Thread.ofPlatform().name("reload").daemon().unstarted(this::run);
        this.hangUp = HangUp.handle(() -> request("SIGHUP"));
    }

    /**
     * Starts with the files as they are.
     *
     * @param interval between two looks at the files; zero for SIGHUP alone
     * @param files asked before each look
     * @param action gets the reason, for the log
     */
    public static ReloadLoop start(
            Duration interval, Supplier<? extends Collection<Path>> files, Consumer<String> action) {
        ReloadLoop loop = new ReloadLoop(interval, files, action);
        loop.acted = loop.acted.look(files.get());
        loop.last = loop.acted;
        loop.thread.start();
        return loop;
    }

    /** Asks for a run; does not wait for it. */
    public void request(String reason) {
        // A full queue is a run that has not begun yet, and so will see what this one is about.
        var _ = requests.offer(reason);
    }

    private void run() {
        while (!closed) {
            try {
                String reason = next();
                if (reason != null && !closed) {
                    act(reason);
                }
            } catch (InterruptedException ended) {
                return;
            }
        }
    }

    private @Nullable String next() throws InterruptedException {
        if (interval.isZero()) {
            return requests.take();
        }
        String request = requests.poll(interval.toMillis(), TimeUnit.MILLISECONDS);
        FilePrints now = last.look(files.get());
        boolean settled = now.equals(last);
        last = now;
        if (request != null) {
            return request;
        }
        return settled && !now.equals(acted) ? "a file has changed" : null;
    }

    private void act(String reason) {
        acted = last;
        try {
            action.accept(reason);
        } catch (RuntimeException failure) {
            LOG.error("could not reload: {}", Sentences.describe(failure));
        }
    }

    /** Ends the thread; returns when it has, unless it is this thread's own doing. */
    @Override
    public void close() {
        closed = true;
        hangUp.close();
        thread.interrupt();
        try {
            if (!Thread.currentThread().equals(thread)) {
                thread.join();
            }
        } catch (InterruptedException impatient) {
            Thread.currentThread().interrupt();
        }
    }
}
