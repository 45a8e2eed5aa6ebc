package dev.warren.loadtest.relay;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.platform.config.Program;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
class RelayCommandTest {
    private final StringWriter out = new StringWriter();
    private final StringWriter error = new StringWriter();

    @Test
    void shouldShowTwoTargetsSideBySide(@TempDir Path folder) throws Exception {
        Path json = folder.resolve("report.json");
        try (ScriptedRelay one = ScriptedRelay.start((_, deliver, _) -> deliver.run());
                ScriptedRelay other = ScriptedRelay.start((_, deliver, _) -> deliver.run())) {
            int code = run("--target " + one.url() + " --target " + other.url()
                    + " --pairs 2 --burst 4 --duration 200ms" + " --warmup 0 --json " + json);
            assertEquals(0, code, error::toString);
            String printed = out.toString();
            assertTrue(printed.contains(one.url()), printed);
            assertTrue(printed.contains(other.url()), printed);
            assertTrue(printed.contains("latency p99.9"), printed);
            assertTrue(Files.readString(json).contains("\"delivered\""));
        }
    }

    @Test
    void shouldFailWithOneSentence() {
        assertEquals(1, run("--target http://127.0.0.1:1 --pid 1 --pid 2"));
        assertEquals("warren relay: there are 1 targets and 2 --pid; give one for each\n", error.toString());
    }

    @Test
    void shouldWantATarget() {
        assertEquals(2, run("--pairs 3"));
        assertTrue(error.toString().contains("--target"), error.toString());
    }

    @Test
    void shouldShowItsOptionsAndDefaults() {
        assertEquals(0, run("--help"));
        for (RelayOption option : RelayOption.values()) {
            assertTrue(out.toString().contains("--" + option.title()), option.title());
        }
        assertTrue(out.toString().contains("Default: 16"), out.toString());
        assertEquals(0, run("--target http://127.0.0.1:1 --print-config"));
        assertTrue(out.toString().contains("\nwindow: 16    # default"), out.toString());
    }

    private int run(String arguments) {
        return new Program(Map.of(), new PrintWriter(out, true), new PrintWriter(error, true))
                .run(new RelayCommand(), arguments.split(" ", -1));
    }
}
