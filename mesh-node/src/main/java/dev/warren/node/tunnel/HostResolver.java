package dev.warren.node.tunnel;

import dev.warren.platform.linux.HostLookup;
import java.net.UnknownHostException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * The threads on which host names are looked up, at most {@value #THREADS}: the system's resolver holds up whoever asks
 * it. They ask in the network namespace of the thread that calls {@link #lookUp}, and end when nothing is left to ask.
 */
final class HostResolver implements AutoCloseable {
    /** What becomes of a look-up; called on the resolver's thread. False: there is no room now, try again. */
    interface Listener {
        /** The name has addresses. */
        boolean found(String host, HostLookup.Answer answer);

        /** It has none; {@code why} is a sentence. */
        boolean failed(String host, String why);
    }

    /** As many as the engine asks at a time. */
    private static final int THREADS = 4;

    private static final int MAX_WAITING = 16;
    private static final long IDLE_SECONDS = 5;
    private static final long PAUSE_NANOS = 50_000_000;

    private final Listener listener;
    private final ThreadPoolExecutor threads;
    private volatile boolean closing;

    HostResolver(String interfaceName, Listener listener) {
        this.listener = listener;
        ThreadFactory named = Thread.ofPlatform()
                .daemon()
                .name("names-" + interfaceName + "-", 0)
                .factory();
        threads = new ThreadPoolExecutor(
                THREADS, THREADS, IDLE_SECONDS, TimeUnit.SECONDS, new LinkedBlockingQueue<>(MAX_WAITING), named);
        threads.allowCoreThreadTimeOut(true);
    }

    /** Looks a name up; returns at once. False, and nobody is told, when there is too much to do or after the end. */
    boolean lookUp(String host) {
        try {
            threads.execute(() -> ask(host));
            return true;
        } catch (RejectedExecutionException full) {
            return false;
        }
    }

    private void ask(String host) {
        try {
            HostLookup.Answer answer = HostLookup.find(host);
            while (!closing && !listener.found(host, answer)) {
                LockSupport.parkNanos(PAUSE_NANOS);
            }
        } catch (UnknownHostException unknown) {
            String why = String.valueOf(unknown.getMessage());
            while (!closing && !listener.failed(host, why)) {
                LockSupport.parkNanos(PAUSE_NANOS);
            }
        }
    }

    /** Tells nobody any more. A look-up that is on its way can't be broken off; its thread ends with it. */
    @Override
    public void close() {
        closing = true;
        threads.shutdownNow();
    }
}
