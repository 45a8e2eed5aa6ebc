package dev.warren.loadtest.demo;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * What the machine looked like before a sandbox, and which processes were in it; compared when the sandbox is gone. Of
 * what is new on the machine only the demo's own names count: others may make namespaces and interfaces meanwhile.
 */
final class Leftovers {
    private static final Path INTERFACES = Path.of("/proc/self/net/dev");
    private static final Path NAMED_NAMESPACES = Path.of("/run/netns");

    private final Set<String> interfaces;
    private final Set<String> namespaces;
    private List<ProcessHandle> processes = List.of();

    private Leftovers(Set<String> interfaces, Set<String> namespaces) {
        this.interfaces = interfaces;
        this.namespaces = namespaces;
    }

    /** Notes the interfaces and named network namespaces of this machine. */
    static Leftovers before() throws IOException {
        return new Leftovers(interfaces(), namespaces());
    }

    /** Notes every process that is in the sandbox with this first process. */
    void noteProcesses(long firstProcessId) throws IOException {
        Path space = Files.readSymbolicLink(Path.of("/proc/" + firstProcessId + "/ns/pid"));
        List<ProcessHandle> found = new ArrayList<>();
        for (ProcessHandle process : ProcessHandle.allProcesses().toList()) {
            if (space.equals(processSpace(process))) {
                found.add(process);
            }
        }
        processes = found;
    }

    /** Throws when a process lives on, or an interface or a namespace is new; says how many processes were ended. */
    String check(Path folder) throws IOException {
        long alive = processes.stream().filter(ProcessHandle::isAlive).count();
        if (alive > 0) {
            throw new IOException(alive + " of " + processes.size() + " processes are still there");
        }
        expectSame("interfaces", interfaces, interfaces());
        expectSame("namespaces", namespaces, namespaces());
        if (Files.exists(folder)) {
            throw new IOException("the folder " + folder + " is still there");
        }
        return processes.size() + " processes ended; no namespace, interface or file is left";
    }

    private static void expectSame(String what, Set<String> before, Set<String> now) throws IOException {
        Set<String> left = new TreeSet<>(now);
        left.removeAll(before);
        left.removeIf(name -> !Internet.isOwnName(name));
        if (!left.isEmpty()) {
            throw new IOException("these " + what + " are still there: " + left);
        }
    }

    private static Path processSpace(ProcessHandle process) {
        try {
            return Files.readSymbolicLink(Path.of("/proc/" + process.pid() + "/ns/pid"));
        } catch (IOException goneOrForeign) {
            return Path.of("");
        }
    }

    private static Set<String> interfaces() throws IOException {
        Set<String> names = new TreeSet<>();
        for (String line : Files.readAllLines(INTERFACES)) {
            int colon = line.indexOf(':');
            if (colon > 0) {
                names.add(line.substring(0, colon).strip());
            }
        }
        return names;
    }

    private static Set<String> namespaces() throws IOException {
        Set<String> names = new TreeSet<>();
        if (Files.isDirectory(NAMED_NAMESPACES)) {
            try (Stream<Path> files = Files.list(NAMED_NAMESPACES)) {
                files.forEach(file -> names.add(file.getFileName().toString()));
            }
        }
        return names;
    }
}
