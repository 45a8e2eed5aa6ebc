package dev.warren.platform.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** Runs programs inside a namespace. */
final class Commands {
    private Commands() {}

    /** Runs the words of {@code command}, which has to succeed, and gives what it printed. */
    static String in(NetworkNamespace namespace, String command) throws IOException, InterruptedException {
        Process process = namespace.call(() ->
                new ProcessBuilder(command.split(" ")).redirectErrorStream(true).start());
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), command + ": " + output);
        return output;
    }
}
