package dev.warren.loadtest.measure;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.platform.config.UserError;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
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
        Process process = spinning();
        long shell = awaitChild(process);
        try {
            QuietWatch blind = QuietWatch.start();
            QuietWatch knowing = QuietWatch.start(shell);
            ProcessProbe probe = ProcessProbe.of(shell);
            long start = probe.cpuNanos();
            while (probe.cpuNanos() - start < 300_000_000) {
                TimeUnit.MILLISECONDS.sleep(10);
            }
            double apart = blind.stop().otherCores() - knowing.stop().otherCores();
            assertTrue(apart > 0.05, "the shell's share shows only to the watch that does not know it: " + apart);
        } finally {
            process.destroy();
        }
    }

    @Test
    void complainsAboutOthersAndTheHypervisorInOneSentenceEach() {
        assertEquals(List.of(), new QuietWatch.Verdict(0.29, 0.09, 1).complaints());
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

    /** {@code timeout} forks the shell; it is the shell that spins. */
    private static long awaitChild(Process process) throws InterruptedException {
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
