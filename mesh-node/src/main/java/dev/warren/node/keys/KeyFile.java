package dev.warren.node.keys;

import dev.warren.platform.config.UserError;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One small file with a secret in it: mode 0600, its owner's only, whole or not there at all, and on the disk when a
 * method that writes returns. What is found in another state is refused with a sentence that says how to put it right.
 *
 * <p>The checks are made on the name before the file is opened; that is enough because nobody but the owner may change
 * what is in its folder, which is checked too.
 */
final class KeyFile {
    /** More than any key file has. */
    static final int MAX_LENGTH = 4096;

    private static final int ROOT = 0;
    private static final FileAttribute<Set<PosixFilePermission>> OWNER_ONLY =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
    private static final FileAttribute<Set<PosixFilePermission>> OWNER_ONLY_FOLDER =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
    private static final Set<PosixFilePermission> OTHERS = EnumSet.of(
            PosixFilePermission.GROUP_READ,
            PosixFilePermission.GROUP_WRITE,
            PosixFilePermission.GROUP_EXECUTE,
            PosixFilePermission.OTHERS_READ,
            PosixFilePermission.OTHERS_WRITE,
            PosixFilePermission.OTHERS_EXECUTE);
    private static final Set<PosixFilePermission> OTHERS_WRITE =
            EnumSet.of(PosixFilePermission.GROUP_WRITE, PosixFilePermission.OTHERS_WRITE);
    /** For systemd: it opens a credential to its service by an access list, which shows as the group's right. */
    private static final Set<PosixFilePermission> EVERYBODY =
            EnumSet.of(PosixFilePermission.OTHERS_READ, PosixFilePermission.OTHERS_WRITE);

    private final Path file;
    private final int userId;

    private KeyFile(Path file, int userId) {
        this.file = file.toAbsolutePath().normalize();
        this.userId = userId;
    }

    static KeyFile at(Path file) {
        return new KeyFile(file, CurrentUser.id());
    }

    /** As if the process ran as that user. */
    static KeyFile at(Path file, int userId) {
        return new KeyFile(file, userId);
    }

    /** The content, which the caller wipes; null when there is no such file. */
    byte @Nullable [] read() throws IOException {
        if (!isThere()) {
            return null;
        }
        checkFolder();
        checkFile(OTHERS);
        checkOwner(file, "the file");
        return content();
    }

    /** The content of a file that systemd put there: it answers for the folder and the owner. */
    byte @Nullable [] readCredential() throws IOException {
        if (!isThere()) {
            return null;
        }
        checkFile(EVERYBODY);
        return content();
    }

    /** Puts {@code content} there; false when there is a file already, which stays as it is. */
    boolean create(byte[] content) throws IOException {
        Path made = prepare(content);
        try {
            // Unlike a rename, a link never takes the place of another file.
            Files.createLink(file, made);
            return true;
        } catch (FileAlreadyExistsException taken) {
            return false;
        } finally {
            Files.deleteIfExists(made);
            syncFolder();
        }
    }

    /** Puts {@code content} there, in place of what was there. */
    void replace(byte[] content) throws IOException {
        Path made = prepare(content);
        try {
            Files.move(made, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(made);
            syncFolder();
        }
    }

    /** Removes it; false when it is not there. A link is removed, not what it leads to; a folder is no key file. */
    boolean delete() throws IOException {
        if (!isThere()) {
            return false;
        }
        checkFolder();
        if (Files.isDirectory(file, LinkOption.NOFOLLOW_LINKS)) {
            throw new UserError(file + " is a folder, not a file with a key: it stays, remove it yourself");
        }
        Files.delete(file);
        syncFolder();
        return true;
    }

    /** Whether there is anything of that name, a dangling link included. */
    boolean isThere() {
        return Files.exists(file, LinkOption.NOFOLLOW_LINKS);
    }

    /** Throws a UserError when nothing may be put into its folder, which is made when it is not there. */
    void requirePlace() throws IOException {
        requireFolder(folder());
        Files.createDirectories(folder(), OWNER_ONLY_FOLDER);
        checkFolder();
        if (!Files.isWritable(folder())) {
            throw new UserError(folder() + " can't be written to, so no key can be kept there: name another folder"
                    + " (--state-dir)");
        }
    }

    private Path prepare(byte[] content) throws IOException {
        requirePlace();
        // Made with its mode, and only if there is none of that name: others never have a moment to open it.
        Path made = Files.createTempFile(folder(), "." + file.getFileName(), ".new", OWNER_ONLY);
        try (FileChannel channel = FileChannel.open(made, StandardOpenOption.WRITE)) {
            ByteBuffer left = ByteBuffer.wrap(content);
            while (left.hasRemaining()) {
                channel.write(left);
            }
            channel.force(true);
        } catch (IOException | RuntimeException failed) {
            Files.deleteIfExists(made);
            throw failed;
        }
        return made;
    }

    /** Refuses what is there and is no folder. */
    static void requireFolder(Path folder) {
        if (Files.exists(folder) && !Files.isDirectory(folder)) {
            throw new UserError(folder + " is no folder, and keys are kept in one: name another (--state-dir)");
        }
    }

    private void syncFolder() throws IOException {
        try (FileChannel channel = FileChannel.open(folder(), StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    private Path folder() {
        Path folder = file.getParent();
        if (folder == null) {
            throw new UserError(file + " is a folder: name a file in it");
        }
        return folder;
    }

    private byte[] content() throws IOException {
        byte[] buffer = new byte[MAX_LENGTH + 1];
        try (FileChannel channel = FileChannel.open(file, Set.of(StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS))) {
            ByteBuffer into = ByteBuffer.wrap(buffer);
            int read = 0;
            while (read >= 0 && into.hasRemaining()) {
                read = channel.read(into);
            }
            if (into.position() > MAX_LENGTH) {
                throw new UserError(
                        file + " has more than " + MAX_LENGTH + " bytes, which no key and no passphrase has");
            }
            return Arrays.copyOf(buffer, into.position());
        } catch (NoSuchFileException vanished) {
            throw new UserError(file + " was removed while it was read; try again", vanished);
        } catch (FileSystemException refused) {
            throw new UserError(
                    file + " can't be read: "
                            + Objects.requireNonNullElse(refused.getReason(), "the system does not say why"),
                    refused);
        } finally {
            Arrays.fill(buffer, (byte) 0);
        }
    }

    private void checkFile(Set<PosixFilePermission> forbidden) throws IOException {
        if (Files.isSymbolicLink(file)) {
            throw new UserError(
                    file + " is a symbolic link, and a secret is not read through one: put the file itself there");
        }
        if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
            throw new UserError(file + " is not a regular file, and a secret is read from nothing else");
        }
        Set<PosixFilePermission> mode = Files.getPosixFilePermissions(file, LinkOption.NOFOLLOW_LINKS);
        if (mode.stream().anyMatch(forbidden::contains)) {
            throw new UserError(file + " holds a secret, but others may read or change it ("
                    + PosixFilePermissions.toString(mode) + "): run \"chmod 600 " + file + "\"");
        }
    }

    private void checkFolder() throws IOException {
        Path folder = folder();
        checkOwner(folder, "the folder");
        Set<PosixFilePermission> mode = Files.getPosixFilePermissions(folder);
        if (mode.stream().anyMatch(OTHERS_WRITE::contains)) {
            throw new UserError("others may put files into " + folder + " (" + PosixFilePermissions.toString(mode)
                    + "), so it is no place for secrets: run \"chmod go-w " + folder + "\"");
        }
    }

    /** Root may use anybody's files; they are not safer from it. */
    private void checkOwner(Path path, String what) throws IOException {
        int owner = CurrentUser.owner(path);
        if (owner != userId && owner != ROOT && userId != ROOT) {
            throw new UserError(what + " " + path + " belongs to another user (id " + owner + ", this process runs as "
                    + userId + "), who could change or read the secret: run \"chown " + userId + " " + path + "\"");
        }
    }

    @Override
    public String toString() {
        return file.toString();
    }

    /** Who this process is. */
    private static final class CurrentUser {
        private static final String UNIX_OWNER = "unix:uid";

        static int id() {
            try {
                // Effective is the second of the four; the owner of the folder itself is root's for some processes.
                for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
                    if (line.startsWith("Uid:")) {
                        return Integer.parseUnsignedInt(line.split("\\s+", -1)[2]);
                    }
                }
            } catch (IOException noProc) {
                throw new UserError("/proc is not mounted, so it can't be told whose keys may be read", noProc);
            }
            throw new UserError("/proc/self/status names no user, so it can't be told whose keys may be read");
        }

        static int owner(Path path) throws IOException {
            Map<String, Object> attributes = Files.readAttributes(path, UNIX_OWNER, LinkOption.NOFOLLOW_LINKS);
            return (Integer) Objects.requireNonNull(attributes.get("uid"), "the system gives every file an owner");
        }
    }
}
