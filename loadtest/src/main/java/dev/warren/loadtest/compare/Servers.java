package dev.warren.loadtest.compare;

import dev.warren.loadtest.compare.Subject.ServerPlan;
import dev.warren.platform.config.UserError;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The servers of a comparison: each is started in a folder of its own when it is first asked for, and all are ended by
 * {@link #close}, which may be called on any thread (the one that runs at ctrl-C).
 */
final class Servers implements AutoCloseable {
    private static final Duration READY_LIMIT = Duration.ofSeconds(30);

    private final ComparisonSpec spec;
    private final Surroundings surroundings;
    private final Affinity affinity;
    private final FreePorts ports;
    private final Path root;
    private final Map<String, Running> running = new HashMap<>();
    private int started;
    private boolean closed;

    /** A server that runs, and what the placeholders stood for when it was started. */
    record Running(ServerProcess process, String target, Placeholders placeholders, Path folder) {}

    private Servers(ComparisonSpec spec, Surroundings surroundings, Affinity affinity, FreePorts ports, Path root) {
        this.spec = spec;
        this.surroundings = surroundings;
        this.affinity = affinity;
        this.ports = ports;
        this.root = root;
    }

    /** No server yet, and a new folder for them among the temporary ones. */
    static Servers of(ComparisonSpec spec, Surroundings surroundings, Affinity affinity, RandomGenerator random)
            throws IOException {
        return new Servers(
                spec, surroundings, affinity, new FreePorts(random), Files.createTempDirectory("warren-compare-"));
    }

    /**
     * The subject's server, started if it is not running.
     *
     * @throws UserError when it does not start
     */
    Running up(String name, ServerPlan plan) throws InterruptedException {
        Running there;
        synchronized (this) {
            there = running.get(name);
        }
        if (there != null && there.process.isAlive()) {
            return there;
        }
        stop(name);
        Running fresh = start(name, plan);
        boolean ready = false;
        try {
            Readiness readiness =
                    plan.ready().at(fresh.placeholders.fill(plan.ready().port()));
            ReadyCheck.await(name, fresh.process, readiness, READY_LIMIT);
            ready = true;
        } finally {
            if (!ready) {
                stop(name);
            }
        }
        return fresh;
    }

    /** What the placeholders stand for when no server is started. */
    Placeholders placeholders() {
        return placeholders(spec, surroundings, ports, root);
    }

    /** The process numbers of the servers that run. */
    synchronized long[] pids() {
        return running.values().stream()
                .mapToLong(server -> server.process.pid())
                .toArray();
    }

    /** Ends the subject's server, if it runs, and removes its folder. */
    void stop(String name) {
        Running ended;
        synchronized (this) {
            ended = running.remove(name);
        }
        if (ended != null) {
            ended.process.close();
            remove(ended.folder);
        }
    }

    /** What the placeholders stand for, with new ports, in {@code folder}. */
    static Placeholders placeholders(ComparisonSpec spec, Surroundings surroundings, FreePorts ports, Path folder) {
        int port = ports.next();
        int second = ports.next();
        int cores = spec.cores().serverCores(Runtime.getRuntime().availableProcessors());
        return new Placeholders(
                spec.source().file(),
                Map.of(
                        "dir",
                        folder::toString,
                        "port",
                        () -> Integer.toString(port),
                        "port2",
                        () -> Integer.toString(second),
                        "peers",
                        surroundings.peers()::toString,
                        "warren",
                        surroundings::launcherText,
                        "cores",
                        () -> Integer.toString(cores)));
    }

    private Running start(String name, ServerPlan plan) throws InterruptedException {
        Path folder = newFolder();
        Placeholders placeholders = placeholders(spec, surroundings, ports, folder);
        Map<String, String> environment = placeholders.fill(plan.environment());
        for (String command : plan.prepare()) {
            ServerProcess.prepare(name, placeholders.fill(command), environment, folder);
        }
        synchronized (this) {
            if (closed) {
                throw new InterruptedException("the comparison is being ended");
            }
            List<String> command = placeholders.fill(plan.start());
            if (plan.ready().ownNetwork()) {
                command = OwnNetwork.around(command);
            }
            ServerProcess process =
                    ServerProcess.start(name, affinity.on(spec.cores().server(), command), environment, folder);
            Running fresh = new Running(process, placeholders.fill(plan.target()), placeholders, folder);
            running.put(name, fresh);
            return fresh;
        }
    }

    private synchronized Path newFolder() {
        try {
            return Files.createDirectory(root.resolve("server-" + ++started));
        } catch (IOException failed) {
            throw new UserError("no folder can be made in " + root + ": " + failed.getMessage(), failed);
        }
    }

    @Override
    public synchronized void close() {
        closed = true;
        running.values().forEach(server -> server.process.close());
        running.clear();
        remove(root);
    }

    private static void remove(Path folder) {
        if (!Files.exists(folder)) {
            return;
        }
        try {
            Files.walkFileTree(folder, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                    Files.deleteIfExists(file);
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult postVisitDirectory(Path visited, @Nullable IOException failure)
                        throws IOException {
                    Files.deleteIfExists(visited);
                    return FileVisitResult.CONTINUE;
                }
            });
        } catch (IOException kept) {
            System.getLogger(Servers.class.getName())
                    .log(System.Logger.Level.WARNING, "{0} could not be removed: {1}", folder, kept.getMessage());
        }
    }
}
