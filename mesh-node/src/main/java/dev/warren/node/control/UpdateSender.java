package dev.warren.node.control;

import dev.warren.platform.coordination.CoordinatorHttp;
import dev.warren.platform.coordination.RefusedByCoordinator;
import dev.warren.platform.linux.Clock;
import dev.warren.protocol.coordination.CoordinationFormatException;
import dev.warren.protocol.coordination.ErrorCode;
import dev.warren.protocol.coordination.PathReport;
import dev.warren.protocol.coordination.SignedNodeRecord;
import dev.warren.protocol.coordination.UpdateAnswer;
import dev.warren.protocol.coordination.UpdateRequest;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends what changed at the node: the newest of each sort, at most one request a second. What could not be sent is sent
 * later, or replaced by something newer. Owns the thread {@code coordinator-update}.
 */
final class UpdateSender implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(UpdateSender.class);
    private static final long PAUSE_MILLIS = 1_000;
    private static final long PAUSE_AFTER_FAILURE_MILLIS = 3_000;

    private final CoordinatorHttp http;
    private final OwnRecord own;
    private final Tick tick;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Thread thread;
    private boolean registered; // guarded by lock, as all below
    private boolean record;
    private @Nullable List<PathReport> paths;
    private @Nullable List<PathReport> sentPaths;
    private boolean stopped;

    /** Is called about every second. */
    interface Tick {
        void at(long nowNanos);
    }

    UpdateSender(CoordinatorHttp http, OwnRecord own, Tick tick) {
        this.http = http;
        this.own = own;
        this.tick = tick;
        this.thread = Thread.ofPlatform().name("coordinator-update").daemon().unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    /** Requests may be sent from now on. */
    void registered() {
        change(() -> registered = true);
    }

    void recordChanged() {
        change(() -> record = true);
    }

    void pathsChanged(List<PathReport> newPaths) {
        List<PathReport> copy = List.copyOf(newPaths);
        change(() -> paths = copy.equals(sentPaths) ? null : copy);
    }

    @Override
    public void close() {
        change(() -> stopped = true);
        thread.interrupt();
    }

    private void change(Runnable change) {
        lock.lock();
        try {
            change.run();
            changed.signal();
        } finally {
            lock.unlock();
        }
    }

    private void run() {
        try {
            for (UpdateRequest next = next(); next != null; next = next()) {
                TimeUnit.MILLISECONDS.sleep(send(next) ? PAUSE_MILLIS : PAUSE_AFTER_FAILURE_MILLIS);
            }
        } catch (InterruptedException closed) {
            LOG.debug("no more updates: closed");
        }
    }

    /** Waits until there is something to send; null when it is over. */
    private @Nullable UpdateRequest next() throws InterruptedException {
        lock.lock();
        try {
            while (!stopped) {
                if (registered && (record || paths != null)) {
                    SignedNodeRecord signed = record ? own.signed() : null;
                    UpdateRequest request = new UpdateRequest(signed, paths);
                    record = false;
                    sentPaths = paths == null ? sentPaths : paths;
                    paths = null;
                    return request;
                }
                boolean _ = changed.await(PAUSE_MILLIS, TimeUnit.MILLISECONDS);
                tick.at(Clock.bootTimeNanos());
            }
            return null;
        } finally {
            lock.unlock();
        }
    }

    private boolean send(UpdateRequest request) throws InterruptedException {
        tick.at(Clock.bootTimeNanos());
        try {
            UpdateAnswer _ = http.post("/v1/update", request, UpdateAnswer.class);
            return true;
        } catch (RefusedByCoordinator refused) {
            Long held = refused.answer().sequence();
            if (refused.answer().error() == ErrorCode.STALE_SEQUENCE && held != null) {
                own.skipTo(held);
            }
            LOG.debug("an update was refused: {}", refused.getMessage());
        } catch (IOException | CoordinationFormatException failure) {
            LOG.debug("an update could not be sent: {}", failure.getMessage());
        }
        takeBack(request);
        return false;
    }

    private void takeBack(UpdateRequest request) {
        change(() -> {
            record |= request.record() != null;
            if (paths == null && request.paths() != null) {
                paths = request.paths();
            }
            sentPaths = null;
        });
    }
}
