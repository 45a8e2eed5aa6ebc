package dev.warren.loadtest.interop;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The script {@code warren-wireguard} of this tree over the classes that are tested, and the daemons that it leaves. They
 * end with this object at the latest.
 */
final class WireGuardScript implements AutoCloseable {
    private static final String MAIN = "dev.warren.node.cli.WireGuardMain";

    private final Path build;
    private final List<String> names = new ArrayList<>();

    /** Makes a build in {@code folder} that has the class path of this JVM. */
    WireGuardScript(Path folder) throws IOException {
        build = Files.createDirectories(folder.resolve("build-of-the-test"));
        Files.writeString(build.resolve("classpath"), System.getProperty("java.class.path"));
    }

    /** Where the script is. */
    static Path path() {
        return Path.of("..", "warren-wireguard").toAbsolutePath().normalize();
    }

    /** {@code command} with the environment in which wg-quick starts our daemon, and the script our classes. */
    String[] with(String name, String... command) {
        names.add(name);
        List<String> all = new ArrayList<>(List.of(
                "env",
                // Whoever runs the tests in the background of a shell has SIGINT ignored, and so would the daemon.
                "--default-signal=INT",
                "-u",
                "LOG_LEVEL",
                "JAVA_HOME=" + System.getProperty("java.home"),
                "WARREN_BUILD=" + build,
                // The class path of a test has folders, of which no class archive can be made; the JVM would say so.
                "WARREN_JAVA_OPTIONS=-XX:-AutoCreateSharedArchive",
                "WG_QUICK_USERSPACE_IMPLEMENTATION=" + path(),
                "PATH=" + System.getenv("PATH") + ":/usr/sbin:/sbin"));
        all.addAll(List.of(command));
        return all.toArray(new String[0]);
    }

    /** The daemons of the interface {@code name} that are running. */
    static List<ProcessHandle> daemons(String name) {
        return ProcessHandle.allProcesses()
                .filter(process -> isDaemon(process.pid(), name))
                .toList();
    }

    private static boolean isDaemon(long pid, String name) {
        try {
            String words = Files.readString(Path.of("/proc", Long.toString(pid), "cmdline"), UTF_8);
            return words.contains("\0" + MAIN + "\0") && words.endsWith("\0" + name + "\0");
        } catch (IOException ended) {
            return false;
        }
    }

    @Override
    public void close() {
        names.forEach(name -> daemons(name).forEach(ProcessHandle::destroyForcibly));
    }
}
