package dev.warren.platform.config;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Files of text in UTF-8 that an operator names. */
public final class TextFile {
    private TextFile() {}

    /**
     * What is in {@code file}. Throws {@link UserError}, which names it, when it is a folder or no text; a {@link
     * java.nio.file.FileSystemException} when there is no such file, or no permission.
     *
     * @param wanted what to give in its place, such as {@code "a YAML file"}
     */
    public static String read(Path file, String wanted) throws IOException {
        if (Files.isDirectory(file)) {
            throw new UserError(file + " is a folder: give " + wanted);
        }
        try {
            return Files.readString(file);
        } catch (CharacterCodingException binary) {
            throw new UserError(file + " is no text in UTF-8: give " + wanted, binary);
        }
    }
}
