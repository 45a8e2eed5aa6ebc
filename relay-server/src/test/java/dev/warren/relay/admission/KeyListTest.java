package dev.warren.relay.admission;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.platform.config.UserError;
import dev.warren.protocol.key.NodePublicKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
class KeyListTest {
    private static final String A = "nodekey:" + "0a".repeat(32);
    private static final String B = "nodekey:" + "0b".repeat(32);

    @TempDir
    Path folder;

    private Path file(String text) throws IOException {
        return Files.writeString(folder.resolve("keys"), text);
    }

    @Test
    void shouldReadKeysBesideCommentsAndBlankLines() throws IOException {
        Path file = file("# who may\n\n" + A + "\n  " + B + "   # Bob's\r\n" + A + "\n#" + A.replace('a', 'c') + "\n");
        assertEquals(Set.of(NodePublicKey.parse(A), NodePublicKey.parse(B)), KeyList.read(file));
        assertEquals(Set.of(), KeyList.read(file("")));
    }

    @Test
    void shouldNameEveryLineThatHoldsNoKey() throws IOException {
        String half = A.substring(0, 40);
        Path file = file(A + "\n" + half + "\n\n" + A + " " + B + "\ndiscokey:" + "0a".repeat(32) + "\n");
        UserError wrong = assertThrows(UserError.class, () -> KeyList.read(file));
        assertEquals(
                file + ": line 2, line 4, line 5: no node key; write one nodekey:<64 hex digits> a line, and # before"
                        + " comments",
                wrong.getMessage());
    }

    @Test
    void shouldNotNameALineOfEveryFileThatIsNoListAtAll() throws IOException {
        UserError wrong = assertThrows(UserError.class, () -> KeyList.read(file("x\n".repeat(1000))));
        assertTrue(String.valueOf(wrong.getMessage()).contains("line 10 and 990 more: no node key"), wrong::getMessage);
        Path binary = Files.write(folder.resolve("binary"), new byte[] {(byte) 0xFF, 0, (byte) 0xFE});
        assertTrue(String.valueOf(assertThrows(UserError.class, () -> KeyList.read(binary))
                        .getMessage())
                .contains("is no text"));
        assertThrows(NoSuchFileException.class, () -> KeyList.read(folder.resolve("nowhere")));
    }
}
