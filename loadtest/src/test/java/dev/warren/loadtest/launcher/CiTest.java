package dev.warren.loadtest.launcher;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The script that CI runs, with a made-up launcher whose tests end in different ways. */
@Timeout(30)
class CiTest {
    private static final String ALL_GOOD = "[INFO] Tests run: 7, Failures: 0, Errors: 0, Skipped: 0";

    private static final Pattern SKIPS =
            Pattern.compile("(?m)^import (static )?org\\.junit\\.jupiter\\.api\\.(Assumptions|Disabled|condition\\.)");

    @TempDir
    Path tree;

    private String printed = "";

    @Test
    void shouldPassWhenAllTestsRanAndPrintTheirTotals() throws Exception {
        assertEquals(0, run(0, ALL_GOOD));
        assertTrue(printed.contains(ALL_GOOD), printed);
        assertTrue(printed.contains("started with: test -Dwarren.test.require=all"), printed);
    }

    @Test
    void shouldFailWhenATestWasSkipped() throws Exception {
        assertEquals(1, run(0, ALL_GOOD + "\n[WARNING] Tests run: 2, Failures: 0, Errors: 0, Skipped: 1"));
        assertTrue(printed.contains("CI allows none"), printed);
    }

    @Test
    void shouldFailWhenNoTestRan() throws Exception {
        assertEquals(1, run(0, "[INFO] BUILD SUCCESS"));
        assertTrue(printed.contains("no test ran"), printed);
    }

    @Test
    void shouldPassOnTheExitCodeOfFailedTests() throws Exception {
        assertEquals(3, run(3, "[ERROR] Tests run: 2, Failures: 1, Errors: 0, Skipped: 0"));
        assertTrue(printed.contains("[ERROR] Tests run: 2, Failures: 1"), printed);
    }

    /** By JUnit's own means a complete run would skip it too, and not say what it left out. */
    @Test
    void shouldHaveTestsThatSkipByTheirRequirementsOnly() throws Exception {
        List<String> skipping = new ArrayList<>();
        try (Stream<Path> files = Files.walk(LauncherBench.realTree(), 20)) {
            for (Path file : files.filter(each -> each.toString().contains("/src/test/java/"))
                    .filter(Files::isRegularFile)
                    .toList()) {
                if (SKIPS.matcher(Files.readString(file)).find()) {
                    skipping.add(String.valueOf(file.getFileName()));
                }
            }
        }
        assertEquals(List.of("Requirements.java"), skipping);
    }

    private int run(int exitCode, String log) throws IOException, InterruptedException {
        Path ci = Files.createDirectories(tree.resolve(".ci")).resolve("run");
        Files.copy(LauncherBench.realTree().resolve(".ci/run"), ci);
        Path launcher = tree.resolve("warren");
        Files.writeString(
                launcher,
                "#!/bin/sh\nmkdir -p .warren\necho \"started with: $*\"\ncat >.warren/test.log <<'LOG'\n" + log
                        + "\nLOG\nexit " + exitCode + "\n");
        assertTrue(launcher.toFile().setExecutable(true));
        ProcessBuilder builder = new ProcessBuilder("bash", ci.toString()).redirectErrorStream(true);
        builder.environment().put("CI", "true");
        builder.environment().remove("WARREN_HOME");
        Process process = builder.start();
        process.getOutputStream().close();
        printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertTrue(process.waitFor(20, TimeUnit.SECONDS));
        return process.exitValue();
    }
}
