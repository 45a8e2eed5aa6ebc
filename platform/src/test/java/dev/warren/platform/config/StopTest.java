package dev.warren.platform.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.platform.linux.NotifyReceiver;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine.Command;

/** A real process that gets a real SIGTERM: shutdown hooks cannot be tried inside this one. */
@Timeout(30)
final class StopTest {
    @TempDir
    Path folder;

    @Command(name = "fixture")
    static final class Fixture implements Callable<Integer> {
        public static void main(String[] arguments) {
            Program.main(new Fixture(), arguments);
        }

        @Override
        public Integer call() throws InterruptedException {
            Thread main = Thread.currentThread();
            Thread.ofVirtual().start(() -> announceWhenWaiting(main));
            Program.serveUntilStopped(Fixture::close);
            return 0;
        }

        private static void close() throws InterruptedException {
            System.out.println("closed");
            if (Boolean.getBoolean("slow")) {
                new CountDownLatch(1).await();
            }
        }

        private static void announceWhenWaiting(Thread main) {
            while (main.getState() != Thread.State.WAITING) {
                Thread.onSpinWait();
            }
            System.out.println("running");
        }
    }

    @Test
    void shouldCloseTheServerWhenTerminated() throws Exception {
        Process process = start("-Dslow=false");
        try (BufferedReader lines = process.inputReader()) {
            assertEquals("running", lines.readLine());
            process.toHandle().destroy();
            assertEquals("closed", lines.readLine());
            assertTrue(process.waitFor(10, TimeUnit.SECONDS));
            assertEquals(143, process.exitValue());
        } finally {
            process.destroyForcibly();
        }
    }

    @Test
    void shouldEndAtOnceWhenTerminatedAgain() throws Exception {
        Process process = start("-Dslow=true");
        try (BufferedReader lines = process.inputReader()) {
            assertEquals("running", lines.readLine());
            process.toHandle().destroy();
            assertEquals("closed", lines.readLine());
            process.toHandle().destroy();
            assertTrue(process.waitFor(10, TimeUnit.SECONDS));
            assertEquals(143, process.exitValue());
        } finally {
            process.destroyForcibly();
        }
    }

    @Test
    void shouldTellSystemdThatItServesAndBeforeItsEndThatItStops() throws Exception {
        Path socket = folder.resolve("notify");
        try (NotifyReceiver systemd = new NotifyReceiver(socket.toString())) {
            // Its end begins and does not come to an end: what systemd has heard by then was said before.
            ProcessBuilder builder = builder("-Dslow=true");
            builder.environment().put("NOTIFY_SOCKET", socket.toString());
            Process process = builder.start();
            try (BufferedReader lines = process.inputReader()) {
                assertEquals("running", lines.readLine());
                assertEquals("READY=1", systemd.next());
                process.toHandle().destroy();
                assertEquals("closed", lines.readLine());
                assertEquals("STOPPING=1", systemd.next());
            } finally {
                process.destroyForcibly();
            }
        }
    }

    @Test
    void shouldComplainOnceWhenSystemdIsNotThere() throws Exception {
        ProcessBuilder builder = builder("-Dslow=false");
        builder.environment().put("NOTIFY_SOCKET", folder.resolve("nobody").toString());
        Process process = builder.redirectError(ProcessBuilder.Redirect.PIPE).start();
        try (BufferedReader lines = process.inputReader();
                BufferedReader log = process.errorReader()) {
            assertEquals("running", lines.readLine());
            process.toHandle().destroy();
            assertEquals("closed", lines.readLine());
            List<String> said = log.lines().toList();
            assertEquals(1, said.size(), said::toString);
            assertTrue(said.getFirst().contains("systemd is not told READY=1: Cannot connect to "), said::toString);
            assertTrue(process.waitFor(10, TimeUnit.SECONDS));
            assertEquals(143, process.exitValue());
        } finally {
            process.destroyForcibly();
        }
    }

    private static Process start(String property) throws IOException {
        return builder(property).start();
    }

    private static ProcessBuilder builder(String property) {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--enable-native-access=ALL-UNNAMED",
                        property,
                        "-Xshare:auto",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Fixture.class.getName())
                .redirectError(ProcessBuilder.Redirect.DISCARD);
    }
}
