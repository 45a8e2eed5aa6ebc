package dev.warren.loadtest.measure;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.platform.config.UserError;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class ProbesTest {
    private static Process spinning() throws IOException {
        return new ProcessBuilder("timeout", "20", "sh", "-c", "while :; do :; done").start();
    }

    @Test
    void shouldSeeTheCpuTimeOfAProcessAndOfItsEndedChildren() throws Exception {
        Process process = spinning();
        long shell = awaitChild(process);
        ProcessProbe probe = ProcessProbe.of(shell);
        try {
            long before = probe.cpuNanos();
            awaitMore(probe, before);
            assertTrue(probe.alive());
            assertTrue(probe.residentBytes() > 100_000, "a shell has more than 100 kB resident");
        } finally {
            process.destroy();
        }
        process.waitFor(5, TimeUnit.SECONDS);
        long last = probe.cpuNanos();
        assertTrue(last > 0, "a process that has ended keeps what was last seen of it");
        assertFalse(probe.alive());
        assertEquals(0, probe.residentBytes());
    }

    @Test
    void shouldSeeWhoElseWasBusyUnlessItIsPartOfTheRun() throws Exception {
        long stray = stray();
        try {
            QuietWatch blind = QuietWatch.start();
            QuietWatch knowing = QuietWatch.start(stray);
            ProcessProbe spinning =
                    ProcessProbe.of(childOf(ProcessHandle.of(stray).orElseThrow()));
            while (spinning.cpuNanos() < 300_000_000) {
                TimeUnit.MILLISECONDS.sleep(10);
            }
            double apart = blind.stop().otherCores() - knowing.stop().otherCores();
            assertTrue(apart > 0.05, "the stray's child shows only to the watch that does not know it: " + apart);
        } finally {
            ProcessHandle.of(stray).ifPresent(ProcessHandle::destroy);
        }
    }

    @Test
    void aTreeCountsEachProcessThatIsNotBeneathItsRootsOnce() {
        ProcessTree tree = new ProcessTree(Map.of(
                1L, new ProcessTree.Entry(0, 1),
                10L, new ProcessTree.Entry(1, 10),
                11L, new ProcessTree.Entry(10, 100),
                12L, new ProcessTree.Entry(11, 1_000),
                20L, new ProcessTree.Entry(1, 10_000),
                30L, new ProcessTree.Entry(29, 100_000)));
        assertEquals(110_001, tree.cpuNanosOutside(Set.of(10L)));
        assertEquals(110_001, tree.cpuNanosOutside(Set.of(10L, 12L)));
        assertEquals(100_011, tree.cpuNanosOutside(Set.of(20L, 11L)));
        assertEquals(111_111, tree.cpuNanosOutside(Set.of(99L)));
        ProcessTree circle = new ProcessTree(Map.of(5L, new ProcessTree.Entry(6, 1), 6L, new ProcessTree.Entry(5, 1)));
        assertEquals(2, circle.cpuNanosOutside(Set.of(7L)));
    }

    @Test
    void complainsAboutOthersAndTheHypervisorInOneSentenceEach() {
        assertEquals(List.of(), new QuietWatch.Verdict(0.29, 0.09, 1).complaints());
        assertEquals(List.of(), new QuietWatch.Verdict(0.84, 0.5, 0.1).complaints(), "within the kernel's steps");
        assertEquals(
                List.of(
                        "other processes took 0.31 cores (at most 0.3 may be)",
                        "the hypervisor took away 0.50 cores (at most 0.1 may be)"),
                new QuietWatch.Verdict(0.31, 0.5, 1).complaints());
    }

    @Test
    void keepsALoadOnThisMachine() {
        Targets.requireLocal(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.9"), 1), false);
        Targets.requireLocal(new InetSocketAddress(InetAddress.ofLiteral("::1"), 1), false);
        Targets.requireLocal(new InetSocketAddress(InetAddress.ofLiteral("192.0.2.1"), 1), true);
        UserError refused = assertThrows(
                UserError.class,
                () -> Targets.requireLocal(new InetSocketAddress(InetAddress.ofLiteral("192.0.2.1"), 1), false));
        assertTrue(String.valueOf(refused.getMessage()).contains("--allow-remote"), refused.getMessage());
    }

    @Test
    void namesTheLimitOfFilesAndTheNeed() {
        FileLimit.require(1, "one");
        UserError refused = assertThrows(UserError.class, () -> FileLimit.require(2_000_000_000, "a crowd"));
        assertTrue(
                String.valueOf(refused.getMessage()).startsWith("2000000100 file descriptors are needed for a crowd"),
                refused.getMessage());
        assertEquals(
                20000,
                FileLimit.limit(
                        "Max processes 1 2 x\nMax open files            20000                20000                files\n"));
        assertEquals(
                Long.MAX_VALUE,
                FileLimit.limit("Max open files            unlimited            unlimited            files\n"));
    }

    @Test
    void knowsTheMachine() {
        Machine machine = Machine.here();
        assertTrue(machine.cores() > 0);
        assertTrue(machine.memoryBytes() > 100_000_000);
        assertTrue(machine.text().contains("Linux " + machine.kernel()), machine.text());
    }

    /** A process whose child spins, and that nobody here started: its parent has ended. */
    private static long stray() throws IOException, InterruptedException {
        String spin = "timeout 20 sh -c 'while :; do :; done' >/dev/null 2>&1 & echo $!";
        Process shell = new ProcessBuilder("sh", "-c", spin).start();
        String pid = new String(shell.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
        shell.waitFor();
        return Long.parseLong(pid.strip());
    }

    /** {@code timeout} forks the shell; it is the shell that spins. */
    private static long awaitChild(Process process) throws InterruptedException {
        return childOf(process.toHandle());
    }

    private static long childOf(ProcessHandle process) throws InterruptedException {
        while (true) {
            var child = process.children().findFirst();
            if (child.isPresent()) {
                return child.get().pid();
            }
            TimeUnit.MILLISECONDS.sleep(5);
        }
    }

    private static void awaitMore(ProcessProbe probe, long before) throws InterruptedException {
        while (probe.cpuNanos() <= before) {
            TimeUnit.MILLISECONDS.sleep(10);
        }
    }
}
