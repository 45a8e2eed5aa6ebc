package dev.warren.node.keys;

import dev.warren.platform.config.UserError;
import java.io.Console;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Where passphrases come from. Never from the command line, which every user of a machine can read. Asked only when a
 * sealed key is opened or made.
 */
@FunctionalInterface
public interface PassphraseSource {
    /** What a passphrase is wanted for. */
    enum Purpose {
        /** To open what was sealed. */
        OPEN,
        /** To seal: whoever types it types it twice. */
        SEAL
    }

    /**
     * The passphrase in UTF-8, never empty; the caller wipes it. Throws {@link UserError} when there is none.
     *
     * @param key what to call the key in a question
     */
    byte[] passphrase(String key, Purpose purpose) throws IOException;

    /** There is none: sealed keys don't open. */
    static PassphraseSource none() {
        return (key, purpose) -> {
            throw new UserError("the passphrase of " + key
                    + " is wanted, but nobody can be asked here: put it in a file of mode 0600 and name that with"
                    + " --passphrase-file");
        };
    }

    /** The first line of a file that only its owner may read. */
    static PassphraseSource file(Path file) {
        return (key, purpose) -> firstLine(file, KeyFile.at(file).read());
    }

    /** The first line of a file in systemd's folder of this service's credentials. */
    static PassphraseSource credential(Path file) {
        return (key, purpose) -> firstLine(file, KeyFile.at(file).readCredential());
    }

    /** Asks whoever sits at the terminal; as {@link #none()} where there is no terminal. */
    @SuppressWarnings("SystemConsoleNull") // from JDK 25 on it is null again without a terminal
    static PassphraseSource terminal() {
        return (key, purpose) -> {
            Console console = System.console();
            if (console == null || !console.isTerminal()) {
                return none().passphrase(key, purpose);
            }
            char[] typed = typed(console, "Passphrase of " + key + ": ");
            char[] again = purpose == Purpose.OPEN ? typed : typed(console, "The same again: ");
            try {
                if (!Arrays.equals(typed, again)) {
                    throw new UserError("the two passphrases differ; nothing was changed");
                }
                return utf8(typed);
            } finally {
                Arrays.fill(typed, '\0');
                Arrays.fill(again, '\0');
            }
        };
    }

    private static byte[] firstLine(Path file, byte @Nullable [] content) {
        if (content == null) {
            throw new UserError("there is no passphrase file " + file);
        }
        int end = 0;
        while (end < content.length && content[end] != '\n' && content[end] != '\r') {
            end++;
        }
        byte[] line = Arrays.copyOf(content, end);
        Arrays.fill(content, (byte) 0);
        if (line.length == 0) {
            throw new UserError("the first line of the passphrase file " + file + " is empty");
        }
        return line;
    }

    private static char[] typed(Console console, String question) {
        char @Nullable [] typed = console.readPassword("%s", question);
        if (typed == null || typed.length == 0) {
            throw new UserError("no passphrase was given; nothing was changed");
        }
        return typed;
    }

    private static byte[] utf8(char[] text) {
        ByteBuffer encoded = StandardCharsets.UTF_8.encode(CharBuffer.wrap(text));
        byte[] bytes = new byte[encoded.remaining()];
        encoded.get(bytes);
        encoded.clear();
        while (encoded.hasRemaining()) {
            encoded.put((byte) 0);
        }
        return bytes;
    }
}
