package dev.warren.platform.config;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Files of text in UTF-8 that an operator names. */
public final class TextFile {
    /** 200,000 keys in a list; a device that never ends, such as /dev/zero, must not fill the memory. */
    static final int MAX_BYTES = 16 << 20;

    private TextFile() {}

    /**
     * What is in {@code file}. Throws {@link UserError}, which names it, when it is a folder, no text or longer than any
     * file of its kind; a {@link java.nio.file.FileSystemException} when there is no such file, or no permission.
     *
     * @param wanted what to give in its place, such as {@code "a YAML file"}
     */
    public static String read(Path file, String wanted) throws IOException {
        if (Files.isDirectory(file)) {
            throw new UserError(file + " is a folder: give " + wanted);
        }
        byte[] content;
        try (InputStream in = Files.newInputStream(file)) {
            content = in.readNBytes(MAX_BYTES + 1);
        }
        if (content.length > MAX_BYTES) {
            throw new UserError(file + " has more than " + (MAX_BYTES >> 20) + " MiB: give " + wanted);
        }
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(content))
                    .toString();
        } catch (CharacterCodingException binary) {
            throw new UserError(file + " is no text in UTF-8: give " + wanted, binary);
        }
    }
}
