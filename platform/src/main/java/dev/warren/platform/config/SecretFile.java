package dev.warren.platform.config;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Small files that only their owner may read: mode 0600, and whole or not there at all. */
public final class SecretFile {
    private static final FileAttribute<Set<PosixFilePermission>> OWNER_ONLY =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

    private SecretFile() {}

    /** The text of {@code file}, or null when there is no such file. */
    public static @Nullable String read(Path file) throws IOException {
        try {
            return TextFile.read(file, "a file of text");
        } catch (NoSuchFileException absent) {
            return null;
        }
    }

    /**
     * The text of a file that a person put there, or null when there is no such file. Throws {@link UserError} when
     * every user of the machine may read it; a group may, since secrets are handed to services in that way.
     */
    public static @Nullable String readGuarded(Path file) throws IOException {
        String text = read(file);
        if (text != null) {
            Set<PosixFilePermission> mode = Files.getPosixFilePermissions(file);
            if (mode.contains(PosixFilePermission.OTHERS_READ)) {
                throw new UserError(file + " holds a secret, but every user of this machine may read it ("
                        + PosixFilePermissions.toString(mode) + "): run \"chmod 600 " + file + "\"");
            }
        }
        return text;
    }

    /** Puts {@code text} into {@code file} with mode 0600, in place of what was there; makes missing folders. */
    public static void write(Path file, String text) throws IOException {
        Path absolute = file.toAbsolutePath();
        Path folder = absolute.getParent();
        if (folder == null) {
            throw new UserError(file + " is a folder: name a file in it");
        }
        Files.createDirectories(folder);
        // Made with its mode: there is no moment in which others could open it.
        Path made = Files.createTempFile(folder, "." + absolute.getFileName(), ".new", OWNER_ONLY);
        try {
            Files.write(made, text.getBytes(StandardCharsets.UTF_8));
            Files.move(made, absolute, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(made);
        }
    }
}
