package dev.warren.relay;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** docs/relay.md says of every metric of a relay what it is. */
@Timeout(30)
class MetricsDocumentTest {
    /** A name as the code writes it; one that ends in a dot gets its end there. */
    private static final Pattern NAME = Pattern.compile("\"(warren(?:\\.[a-z]+){2,})\\.?\"");

    @Test
    void shouldNameEveryMetric() throws IOException {
        String document = Files.readString(Path.of("../docs/relay.md"));
        TreeSet<String> names = new TreeSet<>();
        for (Path root : List.of(Path.of("src/main/java"), Path.of("../platform/src/main/java"))) {
            try (Stream<Path> files = Files.walk(root)) {
                files.filter(Files::isRegularFile).forEach(file -> names.addAll(names(file)));
            }
        }
        assertTrue(names.size() > 40, names::toString);
        names.removeIf(name -> document.contains(name) || document.contains(name.replace('.', '_')));
        assertEquals(List.of(), List.copyOf(names));
    }

    private static List<String> names(Path file) {
        try {
            return NAME.matcher(Files.readString(file))
                    .results()
                    .map((MatchResult found) -> found.group(1))
                    .toList();
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }
}
