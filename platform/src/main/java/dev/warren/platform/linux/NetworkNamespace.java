package dev.warren.platform.linux;

import static dev.warren.platform.linux.Constants.CLONE_NEWNET;
import static dev.warren.platform.linux.Constants.O_CLOEXEC;
import static dev.warren.platform.linux.Constants.O_RDONLY;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * A network namespace that this process works in beside its own, through one dedicated platform thread: what the thread
 * opens (sockets, TUN devices, netlink) and whom it starts (child processes) belongs to the namespace, whichever thread
 * uses it later. Needs CAP_SYS_ADMIN.
 *
 * <p>Any thread may call; tasks run one after the other.
 */
public final class NetworkNamespace implements AutoCloseable {
    private final ExecutorService thread;
    private final int threadId;

    private NetworkNamespace(ExecutorService thread, int threadId) {
        this.thread = thread;
        this.threadId = threadId;
    }

    /** A new namespace with nothing but a loopback interface that is down. It ends with the last one that uses it. */
    public static NetworkNamespace create() throws IOException {
        return start(
                "new",
                () -> LinuxException.check(
                        Libc.unshare(CLONE_NEWNET), "make a network namespace (this needs root, or CAP_SYS_ADMIN)"));
    }

    /** The namespace behind {@code path}: {@code /run/netns/NAME} or {@code /proc/PID/ns/net}. */
    public static NetworkNamespace enter(Path path) throws IOException {
        return start(path.toString(), () -> {
            try (NamespaceFile file = new NamespaceFile(LinuxException.check(
                    Libc.open(path.toString(), O_RDONLY | O_CLOEXEC), "open the network namespace " + path))) {
                return file.enter(path.toString());
            }
        });
    }

    /** The namespace of an open file, which the caller goes on owning. */
    public static NetworkNamespace enter(NamespaceFile file) throws IOException {
        return start("of-a-file", () -> file.enter("of another process"));
    }

    /** Runs {@code task} inside and gives its result; a failure comes back as it is if unchecked or an IOException. */
    public <T> T call(Callable<T> task) throws IOException {
        return await(CompletableFuture.supplyAsync(
                () -> {
                    try {
                        return task.call();
                    } catch (RuntimeException unchecked) {
                        throw unchecked;
                    } catch (Exception checked) {
                        throw new CompletionException(checked);
                    }
                },
                thread));
    }

    /** The kernel's number of the thread, by which {@code ip link set ... netns} finds the namespace. */
    public int threadId() {
        return threadId;
    }

    /** Ends the thread; open sockets and processes inside keep the namespace alive. */
    @Override
    public void close() {
        thread.close();
    }

    private static NetworkNamespace start(String name, Callable<Integer> enter) throws IOException {
        ExecutorService thread = Executors.newSingleThreadExecutor(
                Thread.ofPlatform().name("netns-" + name).daemon().factory());
        try {
            int threadId = new NetworkNamespace(thread, 0).call(() -> {
                enter.call();
                return currentThreadId();
            });
            return new NetworkNamespace(thread, threadId);
        } catch (IOException refused) {
            thread.close();
            throw refused;
        }
    }

    private static int currentThreadId() throws IOException {
        return Integer.parseInt(Files.readSymbolicLink(Path.of("/proc/thread-self"))
                .getFileName()
                .toString());
    }

    private static <T> T await(CompletableFuture<T> future) throws IOException {
        try {
            return future.get();
        } catch (ExecutionException failed) {
            switch (failed.getCause()) {
                case IOException known -> throw known;
                case RuntimeException unchecked -> throw unchecked;
                case Error error -> throw error;
                case null, default -> throw new IOException(failed.getCause());
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while waiting for the namespace's thread", interrupted);
        }
    }
}
