package dev.warren.node.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.warren.protocol.testing.Seeds;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class LineReaderTest {
    /** Gives its bytes in pieces of random length. */
    private static final class InPieces extends InputStream {
        private final ByteArrayInputStream in;
        private final RandomGenerator random;

        InPieces(byte[] bytes, RandomGenerator random) {
            this.in = new ByteArrayInputStream(bytes);
            this.random = random;
        }

        @Override
        public int read() {
            return in.read();
        }

        @Override
        public int read(byte[] target, int offset, int length) {
            return in.read(target, offset, Math.min(length, random.nextInt(1, 40)));
        }
    }

    @Test
    void linesComeWholeHoweverTheyArrive() {
        Seeds.forEach(50, random -> {
            List<String> lines = new ArrayList<>();
            for (int i = random.nextInt(10); i > 0; i--) {
                lines.add("x".repeat(random.nextInt(100)));
            }
            byte[] bytes = (String.join("\n", lines) + "\n").getBytes(StandardCharsets.UTF_8);
            assertEquals(lines.isEmpty() ? List.of("") : lines, all(new LineReader(new InPieces(bytes, random), 100)));
        });
    }

    @Test
    void anUnfinishedLineIsDropped() throws IOException {
        assertEquals(List.of("a"), all(reader("a\nb", 10)));
        assertEquals(List.of(), all(reader("", 10)));
    }

    @Test
    void anEndlessLineEndsTheStream() {
        LineReader reader = reader("x".repeat(100_000), 1000);
        assertThrows(IOException.class, reader::next);
    }

    private static LineReader reader(String text, int maxBytes) {
        return new LineReader(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)), maxBytes);
    }

    private static List<String> all(LineReader reader) throws IOException {
        List<String> lines = new ArrayList<>();
        for (byte[] line = reader.next(); line != null; line = reader.next()) {
            lines.add(new String(line, StandardCharsets.UTF_8));
        }
        return lines;
    }
}
