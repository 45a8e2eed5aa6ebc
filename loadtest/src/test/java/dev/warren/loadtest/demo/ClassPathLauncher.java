package dev.warren.loadtest.demo;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A launcher that starts the programs from the test's class path, so that a test run never builds. */
final class ClassPathLauncher {
    private ClassPathLauncher() {}

    /** Writes one into {@code folder}. */
    static Launcher in(Path folder) throws IOException {
        Path launcher = folder.resolve("launcher");
        String java = Path.of(System.getProperty("java.home"), "bin", "java") + " -XX:+UseSerialGC -Xmx256m"
                + " --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow -cp '"
                + System.getProperty("java.class.path") + "'";
        Files.writeString(
                launcher,
                """
                #!/bin/sh
                case $1 in
                  relay) main=relay.RelayMain; shift ;;
                  stun) main=stun.StunMain; shift ;;
                  coordinator) main=coordinator.CoordinatorMain; shift ;;
                  *) main=node.cli.NodeMain ;;
                esac
                exec JAVA dev.warren.$main "$@"
                """
                        .replace("JAVA", java));
        assertTrue(launcher.toFile().setExecutable(true));
        return new Launcher(launcher);
    }
}
