package dev.warren.relay;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A relay in a process of its own with little memory and few file descriptors, on free ports of the loopback. */
final class ConfinedRelay implements AutoCloseable {
    private static final Pattern PORT = Pattern.compile("DERP on tcp port (\\d+),.*");
    private static final Pattern PIN = Pattern.compile(".*pin=(sha256-raw:[0-9a-f]+).*");
    private static final Pattern METRICS = Pattern.compile("metrics on (\\S+)/metrics");

    final Process process;
    final Path log;
    int port;
    String pin = "";
    String ops = "";

    private ConfinedRelay(Process process, Path log) {
        this.process = process;
        this.log = log;
    }

    /**
     * Starts a relay that may have so many file descriptors.
     *
     * @param heap the JVM's {@code -Xmx}, such as 256m
     */
    static ConfinedRelay start(Path folder, int fileDescriptors, String heap, String... options) throws IOException {
        Path log = folder.resolve("relay.log");
        List<String> command = new ArrayList<>(List.of(
                "bash",
                "-c",
                "ulimit -n " + fileDescriptors + " && exec \"$@\"",
                "relay",
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx" + heap,
                "-XX:+UseSerialGC",
                "-XX:-MaxFDLimit",
                "-XX:TieredStopAtLevel=1",
                "-Xshare:auto",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-cp",
                System.getProperty("java.class.path"),
                RelayMain.class.getName(),
                "--listen",
                "127.0.0.1:0",
                "--ops-listen",
                "127.0.0.1:0",
                "--node-key",
                folder.resolve("process.key").toString()));
        command.addAll(List.of(options));
        Process process =
                new ProcessBuilder(command).redirectError(log.toFile()).start();
        ConfinedRelay relay = new ConfinedRelay(process, log);
        relay.readAnnouncement();
        return relay;
    }

    private void readAnnouncement() throws IOException {
        BufferedReader lines = process.inputReader();
        while (ops.isEmpty()) {
            String line = lines.readLine();
            if (line == null) {
                throw new AssertionError("the relay did not start: " + log());
            }
            Matcher found = PORT.matcher(line);
            port = found.matches() ? Integer.parseInt(found.group(1)) : port;
            found = PIN.matcher(line);
            pin = found.matches() ? found.group(1) : pin;
            found = METRICS.matcher(line);
            ops = found.matches() ? found.group(1) : ops;
        }
    }

    String log() throws IOException {
        return Files.readString(log);
    }

    /** The sum of a metric over the series whose line contains {@code part}. */
    double metric(String name, String part) throws IOException, InterruptedException {
        return page("/metrics")
                .lines()
                .filter(line -> line.startsWith(name) && line.contains(part))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
                .sum();
    }

    String page(String path) throws IOException, InterruptedException {
        try (HttpClient http = HttpClient.newHttpClient()) {
            HttpRequest request = HttpRequest.newBuilder(URI.create(ops + path)).build();
            return http.send(request, HttpResponse.BodyHandlers.ofString()).body();
        }
    }

    /** Its resident memory. */
    long residentBytes() throws IOException {
        return Files.readAllLines(Path.of("/proc/" + process.pid() + "/status")).stream()
                .filter(line -> line.startsWith("VmRSS:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) << 10)
                .sum();
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (process.waitFor(20, TimeUnit.SECONDS)) {
                return;
            }
        } catch (InterruptedException hurry) {
            Thread.currentThread().interrupt();
        }
        process.destroyForcibly();
    }
}
