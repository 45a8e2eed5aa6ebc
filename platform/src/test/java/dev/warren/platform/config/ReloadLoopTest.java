package dev.warren.platform.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
final class ReloadLoopTest {
    private static final Duration OFTEN = Duration.ofMillis(10);

    @TempDir
    Path folder;

    private final BlockingQueue<String> reasons = new LinkedBlockingQueue<>();

    private ReloadLoop watching(Path... files) {
        return ReloadLoop.start(OFTEN, () -> List.of(files), reasons::add);
    }

    private String reason() throws InterruptedException {
        return String.valueOf(reasons.poll(10, TimeUnit.SECONDS));
    }

    @Test
    void shouldActOnAFileThatChangesAppearsIsReplacedAndGoes() throws Exception {
        Path file = Files.writeString(folder.resolve("a"), "1");
        Path absent = folder.resolve("b");
        try (ReloadLoop _ = watching(file, absent)) {
            Files.writeString(file, "2");
            assertEquals("a file has changed", reason());
            Files.writeString(absent, "x");
            assertEquals("a file has changed", reason());
            Path next = Files.writeString(folder.resolve("next"), "3");
            Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            assertEquals("a file has changed", reason());
            Files.delete(absent);
            assertEquals("a file has changed", reason());
        }
        assertNull(reasons.poll());
    }

    @Test
    void shouldFollowALinkThatIsTurned() throws Exception {
        Path first = Files.writeString(folder.resolve("first"), "1");
        Path second = Files.writeString(folder.resolve("second"), "2");
        Path link = Files.createSymbolicLink(folder.resolve("link"), first);
        try (ReloadLoop _ = watching(link)) {
            Path turned = Files.createSymbolicLink(folder.resolve("turned"), second);
            Files.move(turned, link, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            assertEquals("a file has changed", reason());
        }
    }

    @Test
    void shouldTellContentsApartAndNothingElse() throws IOException {
        Path file = Files.writeString(folder.resolve("a"), "same");
        FilePrints first = FilePrints.none().look(List.of(file));
        Files.setLastModifiedTime(file, FileTime.from(Instant.EPOCH));
        assertEquals(first, first.look(List.of(file)));
        Files.writeString(file, "emas");
        FilePrints second = first.look(List.of(file));
        assertNotEquals(first, second);
        Files.delete(file);
        assertNotEquals(second, second.look(List.of(file)));
    }

    @Test
    void shouldRunOnceMoreForWhatIsAskedDuringARun() throws Exception {
        CountDownLatch inside = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        AtomicInteger runs = new AtomicInteger();
        ReloadLoop loop = ReloadLoop.start(Duration.ZERO, List::of, reason -> {
            inside.countDown();
            try {
                go.await();
            } catch (InterruptedException ended) {
                Thread.currentThread().interrupt();
            }
            runs.incrementAndGet();
            reasons.add(reason);
        });
        try (loop) {
            loop.request("first");
            assertTrue(inside.await(10, TimeUnit.SECONDS));
            for (int i = 0; i < 5; i++) {
                loop.request("second");
            }
            go.countDown();
            assertEquals("first", reason());
            assertEquals("second", reason());
        }
        assertEquals(2, runs.get());
    }

    @Test
    void shouldGoOnAfterARunThatFailed() throws Exception {
        AtomicInteger runs = new AtomicInteger();
        ReloadLoop loop = ReloadLoop.start(Duration.ZERO, List::of, reason -> {
            reasons.add(reason);
            if (runs.getAndIncrement() == 0) {
                throw new UserError("broken");
            }
        });
        try (loop) {
            loop.request("first");
            assertEquals("first", reason());
            loop.request("second");
            assertEquals("second", reason());
        }
    }

    @Test
    void shouldActAtSighup() throws Exception {
        try (ReloadLoop _ = ReloadLoop.start(Duration.ZERO, List::of, reasons::add)) {
            Process kill = new ProcessBuilder(
                            "kill",
                            "-HUP",
                            Long.toString(ProcessHandle.current().pid()))
                    .start();
            assertEquals(0, kill.waitFor());
            assertEquals("SIGHUP", reason());
        }
    }

    @Test
    void shouldEndItsThread() {
        watching().close();
        assertFalse(Thread.getAllStackTraces().keySet().stream()
                .anyMatch(thread -> thread.getName().equals("reload") && thread.isAlive()));
    }
}
