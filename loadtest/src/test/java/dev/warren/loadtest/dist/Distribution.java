package dev.warren.loadtest.dist;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.warren.protocol.testing.Requirements;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What {@code ./warren dist} makes of the newest build, without class archives: those are never the same twice. */
public final class Distribution {
    private static @Nullable Path shared;

    private Distribution() {}

    /** The folder of one that all tests of this JVM share. */
    public static synchronized Path shared() throws IOException, InterruptedException {
        if (shared == null) {
            Path folder = Path.of("target/distribution").toAbsolutePath();
            make(folder);
            shared = folder;
        }
        return shared;
    }

    /** The archive in such a folder. */
    static Path archive(Path folder) throws IOException {
        return files(folder).stream()
                .filter(file -> file.toString().endsWith(".tar.gz"))
                .findFirst()
                .orElseThrow();
    }

    /** The archive that all tests of this JVM share. */
    public static Path sharedArchive() throws IOException, InterruptedException {
        return archive(shared());
    }

    /** What is in such a folder for others. */
    static List<Path> files(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(Files::isRegularFile).sorted().toList();
        }
    }

    static void make(Path folder) throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(
                        "../packaging/dist", Requirements.build().toString(), "--to", folder.toString())
                .redirectErrorStream(true);
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        builder.environment().put("WARREN_NO_TRAINING", "1");
        Process process = builder.start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), said);
    }
}
