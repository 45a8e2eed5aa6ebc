package dev.warren.node.api;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.protocol.testing.Requirements;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The program in docs/api.md, compiled and run as it stands there. */
@Timeout(120)
final class ApiDocumentTest {
    private static final Pattern PROGRAM = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL);

    @TempDir
    Path folder;

    @Test
    void shouldHoldAProgramThatWorks() throws Exception {
        Requirements.tun();
        Requirements.program("ip", "ping");
        Matcher matcher = PROGRAM.matcher(Files.readString(Path.of("../docs/api.md")));
        assertTrue(matcher.find(), "docs/api.md has no program");
        Path source = Files.writeString(folder.resolve("TwoMachines.java"), matcher.group(1));
        String classPath = System.getProperty("java.class.path");
        assertEquals(
                0,
                ToolProvider.getSystemJavaCompiler()
                        .run(
                                null,
                                null,
                                null,
                                "-Werror",
                                "-cp",
                                classPath,
                                "-d",
                                folder.toString(),
                                source.toString()));

        Process program = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        classPath + ":" + folder,
                        "TwoMachines")
                .redirectErrorStream(true)
                .start();
        String output = new String(program.getInputStream().readAllBytes(), UTF_8);
        assertEquals(0, program.waitFor(), output);
        assertTrue(output.contains("3 received"), output);
        assertTrue(output.contains("at /192.0.2.1:"), output);
    }
}
