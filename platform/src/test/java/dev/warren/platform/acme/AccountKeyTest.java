package dev.warren.platform.acme;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.warren.platform.config.UserError;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyPair;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
final class AccountKeyTest {
    @TempDir
    Path folder;

    @Test
    void shouldReadBackWhatItHasMade() throws Exception {
        Path file = folder.resolve("account.pem");
        KeyPair made = AccountKey.loadOrCreate(file);
        KeyPair read = AccountKey.loadOrCreate(file);
        assertArrayEquals(made.getPrivate().getEncoded(), read.getPrivate().getEncoded());
        assertEquals(made.getPublic(), read.getPublic());
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
    }

    @Test
    void shouldNotRepeatAFileThatHoldsNoKey() throws Exception {
        Path file = folder.resolve("account.pem");
        AccountKey.loadOrCreate(file);
        String secretOnly = Files.readString(file).split("-----BEGIN PUBLIC", 2)[0];
        for (String text : List.of("", "secret", secretOnly, secretOnly.replace("M", "!"))) {
            Files.writeString(file, text);
            UserError refused = assertThrows(UserError.class, () -> AccountKey.loadOrCreate(file));
            assertEquals(
                    file + " holds no account key: put it right, or remove it to have a new account made",
                    refused.getMessage());
        }
    }
}
