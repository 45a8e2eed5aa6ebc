package dev.warren.platform.config;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collection;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What files looked like. Two looks are equal when the contents are: a file that was only touched, or replaced by the
 * same, has not changed. A file is read only when its size, time or inode is another one than at the last look.
 */
record FilePrints(Map<Path, Print> prints) {
    private static final String ABSENT = "absent";

    /** What one file looked like; equal by content alone. */
    private record Print(@Nullable Object stat, String digest) {
        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Print print && print.digest.equals(digest);
        }

        @Override
        public int hashCode() {
            return digest.hashCode();
        }
    }

    private record Stat(@Nullable Object inode, long size, long nanos) {}

    /** Nothing seen yet. */
    static FilePrints none() {
        return new FilePrints(Map.of());
    }

    /** What {@code files} look like now; links are followed. */
    FilePrints look(Collection<Path> files) {
        Map<Path, Print> now = new HashMap<>();
        for (Path file : files) {
            now.put(file, print(file, prints.get(file)));
        }
        return new FilePrints(Map.copyOf(now));
    }

    private static Print print(Path file, @Nullable Print before) {
        try {
            BasicFileAttributes found = Files.readAttributes(file, BasicFileAttributes.class);
            Stat stat = new Stat(
                    found.fileKey(),
                    found.size(),
                    found.lastModifiedTime().to(java.util.concurrent.TimeUnit.NANOSECONDS));
            return before != null && Objects.equals(before.stat, stat) ? before : new Print(stat, digest(file));
        } catch (IOException absent) {
            return new Print(null, ABSENT);
        }
    }

    private static String digest(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            new DigestInputStream(in, digest).transferTo(java.io.OutputStream.nullOutputStream());
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException impossible) {
            throw new AssertionError("every JDK has SHA-256", impossible);
        }
    }
}
