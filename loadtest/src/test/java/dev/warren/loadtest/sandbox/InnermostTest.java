package dev.warren.loadtest.sandbox;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class InnermostTest {
    /** What a shell started beside itself before it became another program, and nobody waits for. */
    @Test
    void shouldNotTakeAChildThatHasEndedForTheProgram() throws Exception {
        Process process = start("sh -c 'exit 0' & echo $!; exec sleep 20");
        try {
            long child = firstLine(process);
            while (ProcessHandle.of(child)
                    .flatMap(ended -> ended.info().command())
                    .isPresent()) {
                TimeUnit.MILLISECONDS.sleep(5);
            }
            assertEquals(process.pid(), Sandbox.innermost(process.toHandle()).pid());
        } finally {
            process.destroy();
        }
    }

    @Test
    void shouldFindTheProgramBehindItsStarters() throws Exception {
        Process process = start("sleep 20 & echo $!; wait");
        long program = firstLine(process);
        try {
            assertEquals(program, Sandbox.innermost(process.toHandle()).pid());
        } finally {
            ProcessHandle.of(program).ifPresent(ProcessHandle::destroy);
            process.destroy();
        }
    }

    private static Process start(String script) throws IOException {
        return new ProcessBuilder("sh", "-c", script).start();
    }

    private static long firstLine(Process process) throws IOException {
        return Long.parseLong(process.inputReader().readLine());
    }
}
