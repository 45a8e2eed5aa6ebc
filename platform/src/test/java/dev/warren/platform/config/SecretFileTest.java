package dev.warren.platform.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
class SecretFileTest {
    @TempDir
    Path folder;

    @Test
    void shouldBeForItsOwnerOnlyAndReadBack() throws IOException {
        Path file = folder.resolve("a/b/secret");
        assertNull(SecretFile.read(file));
        SecretFile.write(file, "one");
        SecretFile.write(file, "two");
        assertEquals("two", SecretFile.read(file));
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
        try (var files = Files.list(folder.resolve("a/b"))) {
            assertEquals(List.of(file), files.toList());
        }
    }

    @Test
    void shouldTakeAWiderModeAway() throws IOException {
        Path file = Files.writeString(folder.resolve("open"), "old");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-rw-rw-"));
        SecretFile.write(file, "new");
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
    }

    @Test
    void shouldFailWhereTheFolderIsAFile() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "");
        assertThrows(FileSystemException.class, () -> SecretFile.write(file.resolve("secret"), "x"));
        assertThrows(UserError.class, () -> SecretFile.write(Path.of("/"), "x"));
    }
}
