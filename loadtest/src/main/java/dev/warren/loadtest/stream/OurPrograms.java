package dev.warren.loadtest.stream;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Command lines of Warren's programs: by the launcher where there is one, else by this JVM and its class path. */
record OurPrograms(List<String> coordinator, List<String> node) {
    static OurPrograms of(Map<String, String> environment) {
        String launcher = environment.get("WARREN_LAUNCHER");
        if (launcher != null && Files.isExecutable(Path.of(launcher))) {
            return new OurPrograms(List.of(launcher, "coordinator"), List.of(launcher));
        }
        return new OurPrograms(java("dev.warren.coordinator.CoordinatorMain"), java("dev.warren.node.cli.NodeMain"));
    }

    /** The coordinator with these arguments. */
    List<String> coordinator(String... arguments) {
        return with(coordinator, arguments);
    }

    /** The agent with these arguments, the sub-command first. */
    List<String> node(String... arguments) {
        return with(node, arguments);
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
