package dev.warren.loadtest.interop;

import dev.warren.protocol.testing.Requirements;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Debian's {@code turnserver} as a STUN server, and other people's programs as child processes. */
final class Coturn {
    private static final int GRACE_SECONDS = 5;

    private Coturn() {}

    /** The command: STUN only, no configuration file; what it writes goes into {@code folder}. */
    static List<String> command(Path folder, List<String> addresses, int port, String... more) {
        List<String> command =
                new ArrayList<>(List.of(Requirements.program("turnserver").toString(), "-S", "-n"));
        addresses.forEach(address -> command.add("--listening-ip=" + address));
        command.addAll(List.of(
                "--listening-port=" + port,
                "--no-tls",
                "--no-dtls",
                "--no-cli",
                "--userdb=" + folder.resolve("turndb"),
                "--log-file=" + folder.resolve("turnserver.log"),
                "--simple-log",
                "--pidfile=" + folder.resolve("turnserver.pid")));
        command.addAll(List.of(more));
        return command;
    }

    /** Starts a program in {@code folder}; what it prints goes into {@code output.txt} there. */
    static Process start(Path folder, List<String> command) throws IOException {
        return new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("output.txt").toFile())
                .start();
    }

    /** Ends a program, the hard way when it does not want to. */
    static void end(Process process) throws InterruptedException {
        process.destroy();
        if (!process.waitFor(GRACE_SECONDS, TimeUnit.SECONDS)) {
            process.destroyForcibly().waitFor();
        }
    }
}
