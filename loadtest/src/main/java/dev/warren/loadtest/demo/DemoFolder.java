package dev.warren.loadtest.demo;

import dev.warren.platform.config.UserError;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The folder of the running demo: logs, state of the nodes, and the process numbers by which {@code demo exec} finds
 * its machines. There is one for each user, so there is one demo for each user; a lock in it is held while a demo runs.
 */
final class DemoFolder implements AutoCloseable {
    /** Says where the folder is; the launcher sets it. */
    static final String VARIABLE = "WARREN_DEMO_DIR";

    private static final String LOCK = "lock";
    private static final String SANDBOX = "sandbox.pid";

    private final Path path;
    private final FileChannel channel;
    private boolean keep;

    private DemoFolder(Path path, FileChannel channel) {
        this.path = path;
        this.channel = channel;
    }

    /** Where the folder is for this user. */
    static Path usual(Map<String, String> environment, String user) {
        String given = environment.get(VARIABLE);
        return given != null ? Path.of(given) : Path.of("/tmp", "warren-demo-" + user);
    }

    /** Takes the folder for a new demo; what a killed one left in it is removed first. */
    static DemoFolder claim(Path path) throws IOException {
        makePrivate(path);
        FileChannel channel = FileChannel.open(path.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock lock = channel.tryLock();
        if (lock == null) {
            channel.close();
            throw new UserError("a demo is running already (its files are in " + path
                    + "); end it with Ctrl-C where it runs, then start this one");
        }
        DemoFolder folder = new DemoFolder(path, channel);
        folder.endLeftover();
        folder.empty();
        return folder;
    }

    /** Whether there is anything that a demo left, or a demo that runs. */
    static boolean isThere(Path path) {
        return Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS);
    }

    Path path() {
        return path;
    }

    /** Remembers the sandbox's first process for the next start, should this one be killed. */
    void noteSandbox(long processId) throws IOException {
        Files.writeString(path.resolve(SANDBOX), processId + " " + startTime(processId));
    }

    /** Leaves the logs where they are when this is closed. */
    void keepLogs() {
        keep = true;
    }

    /** Removes the folder, or all but the logs in it. */
    @Override
    public void close() throws IOException {
        empty();
        channel.close();
        if (!keep) {
            Files.deleteIfExists(path.resolve(LOCK));
            Files.deleteIfExists(path);
        }
    }

    private static void makePrivate(Path path) throws IOException {
        if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            Files.createDirectory(
                    path, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        }
        boolean ours = Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)
                && Files.getOwner(path, LinkOption.NOFOLLOW_LINKS).equals(Files.getOwner(Path.of("/proc/self")));
        if (!ours) {
            throw new UserError(path + " belongs to somebody else; set " + VARIABLE + " to a folder of your own");
        }
    }

    /** Ends the sandbox of a demo that was killed, should it be there still; its number may be another's by now. */
    private void endLeftover() throws IOException {
        Path file = path.resolve(SANDBOX);
        if (!Files.exists(file)) {
            return;
        }
        String[] words = Files.readString(file).split(" ", 2);
        long processId = Long.parseLong(words[0]);
        Optional<ProcessHandle> process = ProcessHandle.of(processId);
        if (process.isPresent() && words.length == 2 && words[1].equals(startTime(processId))) {
            process.get().destroyForcibly();
            process.get().onExit().join();
        }
    }

    /** When the process started, in the kernel's ticks: field 22 of its stat file (proc_pid_stat(5)); "" when gone. */
    private static String startTime(long processId) {
        try {
            String stat = Files.readString(Path.of("/proc/" + processId + "/stat"));
            return stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1)[19];
        } catch (IOException gone) {
            return "";
        }
    }

    private void empty() throws IOException {
        try (Stream<Path> files = Files.walk(path)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                boolean stays = file.equals(path)
                        || file.endsWith(LOCK)
                        || (keep && file.toString().endsWith(".log"));
                if (!stays) {
                    Files.deleteIfExists(file);
                }
            }
        } catch (UncheckedIOException failed) {
            throw failed.getCause();
        }
    }

    /** The last lines of a log; empty when there is none. */
    @Nullable
    static String lastLines(Path log, int count) {
        try {
            java.util.List<String> lines = Files.readAllLines(log);
            return String.join("\n", lines.subList(Math.max(0, lines.size() - count), lines.size()));
        } catch (IOException none) {
            return null;
        }
    }
}
