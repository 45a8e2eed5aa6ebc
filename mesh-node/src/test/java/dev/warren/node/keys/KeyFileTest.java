package dev.warren.node.keys;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.platform.config.UserError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(30)
class KeyFileTest {
    private static final byte[] SECRET = "a secret\n".getBytes(UTF_8);

    @TempDir
    Path parent;

    private Path folder;
    private Path path;
    private KeyFile file;

    @BeforeEach
    void name() {
        folder = parent.resolve("keys");
        path = folder.resolve("a.key");
        file = KeyFile.at(path);
    }

    @Test
    void shouldMakeFileAndFolderForTheirOwnerAlone() throws IOException {
        assertNull(file.read());
        assertTrue(file.create(SECRET));
        assertEquals("rw-------", mode(path));
        assertEquals("rwx------", mode(folder));
        assertArrayEquals(SECRET, file.read());
        assertEquals(List.of(path), content());
    }

    @Test
    void shouldNeverOverwriteWhenItCreates() throws IOException {
        assertTrue(file.create(SECRET));
        assertFalse(file.create("another".getBytes(UTF_8)));
        assertArrayEquals(SECRET, file.read());
        assertEquals(List.of(path), content());
    }

    @Test
    void shouldLetOneOfManyCreateIt() throws Exception {
        AtomicInteger winners = new AtomicInteger();
        CountDownLatch start = new CountDownLatch(1);
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            threads.add(Thread.ofVirtual().start(() -> {
                try {
                    start.await();
                    if (file.create(SECRET)) {
                        winners.incrementAndGet();
                    }
                } catch (IOException | InterruptedException failed) {
                    winners.addAndGet(100);
                }
            }));
        }
        start.countDown();
        for (Thread thread : threads) {
            thread.join();
        }
        assertEquals(1, winners.get());
        assertEquals(List.of(path), content());
    }

    @Test
    void shouldReplaceAsAWhole() throws IOException {
        file.replace(SECRET);
        file.replace("another".getBytes(UTF_8));
        assertArrayEquals("another".getBytes(UTF_8), file.read());
        assertEquals("rw-------", mode(path));
        assertEquals(List.of(path), content());
    }

    @Test
    void shouldDelete() throws IOException {
        assertFalse(file.delete());
        file.create(SECRET);
        assertTrue(file.delete());
        assertNull(file.read());
    }

    @Test
    void shouldNotDeleteAFolderOfThatName() throws IOException {
        Files.createDirectories(path);
        UserError refused = assertThrows(UserError.class, file::delete);
        assertEquals(path + " is a folder, not a file with a key: it stays, remove it yourself", refused.getMessage());
        assertTrue(Files.isDirectory(path));
    }

    @Test
    void shouldSayThatItsFolderIsAFile() throws IOException {
        Files.writeString(folder, "no folder");
        UserError refused = assertThrows(UserError.class, () -> file.create(SECRET));
        assertEquals(
                folder + " is no folder, and keys are kept in one: name another (--state-dir)", refused.getMessage());
    }

    @ParameterizedTest
    @ValueSource(strings = {"rw-r-----", "rw----r--", "rw--w----", "rw-----w-", "rwx--x---"})
    void shouldRefuseAFileThatOthersMayUse(String mode) throws IOException {
        file.create(SECRET);
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(mode));
        assertTrue(refusal().contains("others may read or change it (" + mode + "): run \"chmod 600 " + path + "\""));
    }

    @Test
    void shouldReadAFileThatItsOwnerMayOnlyRead() throws IOException {
        file.create(SECRET);
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("r--------"));
        assertArrayEquals(SECRET, file.read());
    }

    @ParameterizedTest
    @ValueSource(strings = {"rwxrwx---", "rwx----w-", "rwxrwxrwx"})
    void shouldRefuseAFolderThatOthersMayChange(String mode) throws IOException {
        file.create(SECRET);
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString(mode));
        assertTrue(refusal().contains("run \"chmod go-w " + folder + "\""));
        assertThrows(UserError.class, () -> KeyFile.at(folder.resolve("b.key")).create(SECRET));
        assertThrows(UserError.class, () -> KeyFile.at(folder.resolve("b.key")).replace(SECRET));
        assertEquals(List.of(path), content());
    }

    @Test
    void shouldRefuseALink() throws IOException {
        file.create(SECRET);
        Path link = Files.createSymbolicLink(folder.resolve("link.key"), path);
        String said = String.valueOf(
                assertThrows(UserError.class, () -> KeyFile.at(link).read()).getMessage());
        assertTrue(said.contains("is a symbolic link"), said);
        Path dangling = Files.createSymbolicLink(folder.resolve("dangling.key"), folder.resolve("nowhere"));
        assertThrows(UserError.class, () -> KeyFile.at(dangling).read());
        assertFalse(KeyFile.at(dangling).create(SECRET));
        assertFalse(Files.exists(folder.resolve("nowhere")));
    }

    @Test
    void shouldRefuseWhatIsNoFile() throws IOException {
        Files.createDirectories(path);
        assertTrue(refusal().contains("not a regular file, and a secret is"));
    }

    @Test
    void shouldRefuseWhatIsTooLongForAKey() throws IOException {
        file.create(new byte[KeyFile.MAX_LENGTH]);
        assertNotNull(file.read());
        file.replace(new byte[KeyFile.MAX_LENGTH + 1]);
        assertTrue(refusal().contains("more than 4096 bytes"));
    }

    /** As another user, for a test can't be two: the file belongs to who runs the test. */
    @Test
    void shouldRefuseAnotherUsersFile() throws IOException {
        file.create(SECRET);
        int owner = (Integer) Files.getAttribute(path, "unix:uid", LinkOption.NOFOLLOW_LINKS);
        assertArrayEquals(SECRET, KeyFile.at(path, owner).read());
        assertArrayEquals(SECRET, KeyFile.at(path, 0).read(), "root may");
        if (owner == 0) {
            // Only root can give files away; anybody else's files are another user's as they are.
            assertArrayEquals(SECRET, KeyFile.at(path, 4711).read(), "root's own are nobody's danger");
            Files.setAttribute(path, "unix:uid", 4712);
        }
        String said = String.valueOf(
                assertThrows(UserError.class, () -> KeyFile.at(path, 4711).read())
                        .getMessage());
        assertTrue(said.contains("belongs to another user"), said);
    }

    /** systemd opens a credential to its service by an access list, which shows as a right of the group's. */
    @Test
    void shouldReadACredentialAsSystemdMakesIt() throws IOException {
        file.create(SECRET);
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("r--r-----"));
        assertArrayEquals(SECRET, file.readCredential());
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("r--r--r--"));
        assertThrows(UserError.class, file::readCredential);
    }

    private String refusal() {
        return String.valueOf(assertThrows(UserError.class, file::read).getMessage());
    }

    private List<Path> content() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.toList();
        }
    }

    private static String mode(Path path) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    }
}
