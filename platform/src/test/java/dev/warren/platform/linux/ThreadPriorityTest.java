package dev.warren.platform.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class ThreadPriorityTest {
    private static final Path STAT = Path.of("/proc/thread-self/stat");

    @Test
    void shouldMakeTheThreadAloneAsNiceAsCanBe() throws Exception {
        long before = nice();
        CompletableFuture<Long> other = new CompletableFuture<>();
        Thread.ofPlatform().start(() -> {
            try {
                assertEquals(0, ThreadPriority.yieldToAll());
                other.complete(nice());
            } catch (Throwable failed) {
                other.completeExceptionally(failed);
            }
        });
        assertEquals(19, other.get(20, TimeUnit.SECONDS));
        assertEquals(before, nice());
    }

    /** The nineteenth field of proc_pid_stat(5), of which the second is in brackets. */
    private static long nice() throws Exception {
        String text = Files.readString(STAT);
        String[] fields = text.substring(text.lastIndexOf(')') + 2).split(" ", -1);
        return Long.parseLong(fields[19 - 3]);
    }
}
