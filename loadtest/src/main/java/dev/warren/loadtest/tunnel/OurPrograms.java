package dev.warren.loadtest.tunnel;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Command lines of Warren's programs: by the launcher where there is one, else by this JVM and its class path. */
public record OurPrograms(List<String> coordinator, List<String> node, List<String> stun) {
    /** Keeps copies. */
    public OurPrograms {
        coordinator = List.copyOf(coordinator);
        node = List.copyOf(node);
        stun = List.copyOf(stun);
    }

    /** As the variable WARREN_LAUNCHER of {@code environment} says, by which the launcher starts this program. */
    public static OurPrograms of(Map<String, String> environment) {
        String launcher = environment.get("WARREN_LAUNCHER");
        if (launcher != null && Files.isExecutable(Path.of(launcher))) {
            return new OurPrograms(List.of(launcher, "coordinator"), List.of(launcher), List.of(launcher, "stun"));
        }
        return new OurPrograms(
                java("dev.warren.coordinator.CoordinatorMain"),
                java("dev.warren.node.cli.NodeMain"),
                java("dev.warren.stun.StunMain"));
    }

    /** The coordinator with these arguments. */
    public List<String> coordinator(String... arguments) {
        return with(coordinator, arguments);
    }

    /** The agent with these arguments, the sub-command first. */
    public List<String> node(String... arguments) {
        return with(node, arguments);
    }

    /** The STUN server with these arguments. */
    public List<String> stun(String... arguments) {
        return with(stun, arguments);
    }

    private static List<String> java(String main) {
        return List.of(
                Path.of(System.getProperty("java.home", ""), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path", ""),
                main);
    }

    private static List<String> with(List<String> command, String... arguments) {
        List<String> all = new ArrayList<>(command);
        all.addAll(List.of(arguments));
        return all;
    }
}
