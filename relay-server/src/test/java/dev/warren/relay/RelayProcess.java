package dev.warren.relay;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/** {@code warren relay} in a JVM of its own; what it prints is read line by line. */
final class RelayProcess implements AutoCloseable {
    private final Process process;
    private final BlockingQueue<String> output = new LinkedBlockingQueue<>();
    private final BlockingQueue<String> log = new LinkedBlockingQueue<>();

    private RelayProcess(Process process) {
        this.process = process;
        read(Process::inputReader, output);
        read(Process::errorReader, log);
    }

    static RelayProcess start(String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-cp",
                System.getProperty("java.class.path"),
                RelayMain.class.getName()));
        command.addAll(List.of(arguments));
        return new RelayProcess(new ProcessBuilder(command).start());
    }

    /** The next line on standard output that contains {@code part}; earlier ones are dropped. */
    String outputLine(String part) throws InterruptedException {
        return line(output, part);
    }

    /** The next line on standard error that contains {@code part}; earlier ones are dropped. */
    String logLine(String part) throws InterruptedException {
        return line(log, part);
    }

    void hangUp() throws IOException, InterruptedException {
        int code = new ProcessBuilder("kill", "-HUP", Long.toString(process.pid()))
                .start()
                .waitFor();
        if (code != 0) {
            throw new AssertionError("kill failed: " + code);
        }
    }

    private static String line(BlockingQueue<String> lines, String part) throws InterruptedException {
        List<String> dropped = new ArrayList<>();
        for (String line = lines.poll(20, TimeUnit.SECONDS); line != null; line = lines.poll(20, TimeUnit.SECONDS)) {
            if (line.contains(part)) {
                return line;
            }
            dropped.add(line);
        }
        throw new AssertionError("no line with \"" + part + "\", but " + dropped);
    }

    private void read(Function<Process, BufferedReader> stream, BlockingQueue<String> lines) {
        Thread.ofVirtual().start(() -> stream.apply(process).lines().forEach(lines::add));
    }

    @Override
    public void close() throws InterruptedException {
        process.destroy();
        if (!process.waitFor(10, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new AssertionError("the relay did not end");
        }
    }
}
