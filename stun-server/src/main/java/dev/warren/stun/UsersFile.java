package dev.warren.stun;

import dev.warren.platform.config.SecretFile;
import dev.warren.platform.config.Sentences;
import dev.warren.platform.config.UserError;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** The file of {@code --users}: a line NAME:PASSWORD for each; empty lines and those with # in front are skipped. */
final class UsersFile {
    private UsersFile() {}

    /** Passwords by name; throws {@link UserError} with the file, the line and what is wrong with it. */
    static Map<String, String> read(Path file) {
        String text;
        try {
            text = SecretFile.readGuarded(file);
        } catch (IOException unreadable) {
            throw new UserError(Sentences.describe(unreadable) + " (--users)", unreadable);
        }
        if (text == null) {
            throw new UserError("there is no file " + file + ": write lines NAME:PASSWORD into it (--users)");
        }
        Map<String, String> passwords = new HashMap<>();
        int number = 0;
        for (String line : text.lines().toList()) {
            number++;
            if (line.isBlank() || line.startsWith("#")) {
                continue;
            }
            int colon = line.indexOf(':');
            if (colon <= 0 || colon == line.length() - 1) {
                throw new UserError("line " + number + " of " + file + " is not NAME:PASSWORD (--users)");
            }
            if (passwords.put(line.substring(0, colon), line.substring(colon + 1)) != null) {
                throw new UserError("line " + number + " of " + file + " names \"" + line.substring(0, colon)
                        + "\" a second time (--users)");
            }
        }
        if (passwords.isEmpty()) {
            throw new UserError(file + " names nobody: write lines NAME:PASSWORD into it (--users)");
        }
        return passwords;
    }
}
