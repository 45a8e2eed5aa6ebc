package dev.warren.platform.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
class TextFileTest {
    @TempDir
    Path folder;

    @Test
    void shouldReadText() throws IOException {
        Path file = Files.writeString(folder.resolve("text"), "one\nzw\u00f6lf\n");
        assertEquals("one\nzw\u00f6lf\n", TextFile.read(file, "a list"));
        assertThrows(NoSuchFileException.class, () -> TextFile.read(folder.resolve("nowhere"), "a list"));
    }

    @Test
    void shouldNameWhatHoldsNoText() throws IOException {
        Path binary = Files.write(folder.resolve("binary"), new byte[] {'a', (byte) 0xff});
        assertEquals(binary + " is no text in UTF-8: give a list", refusal(binary));
        assertEquals(folder + " is a folder: give a list", refusal(folder));
    }

    @Test
    void shouldReadNoMoreThanSuchFilesHave() throws IOException {
        Path longest = Files.writeString(folder.resolve("longest"), "x".repeat(TextFile.MAX_BYTES));
        assertEquals(TextFile.MAX_BYTES, TextFile.read(longest, "a list").length());
        Path endless = Path.of("/dev/zero");
        assertEquals("/dev/zero has more than 16 MiB: give a list", refusal(endless));
    }

    private static String refusal(Path file) {
        return String.valueOf(assertThrows(UserError.class, () -> TextFile.read(file, "a list"))
                .getMessage());
    }
}
