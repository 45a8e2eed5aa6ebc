package dev.warren.relay.admission;

import dev.warren.platform.config.TextFile;
import dev.warren.platform.config.UserError;
import dev.warren.protocol.key.KeyFormatException;
import dev.warren.protocol.key.NodePublicKey;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** A file of node keys: one {@code nodekey:<64 hex digits>} a line; what is behind a {@code #} is a comment. */
final class KeyList {
    /** More wrong lines than these are of no use to anybody. */
    private static final int MAX_NAMED = 10;

    private KeyList() {}

    /** The keys in {@code file}. Throws {@link UserError} with every line that holds something else. */
    static Set<NodePublicKey> read(Path file) throws IOException {
        Set<NodePublicKey> keys = new HashSet<>();
        List<String> wrong = new ArrayList<>();
        int number = 0;
        for (String line : TextFile.read(file, "a file with one nodekey:... a line")
                .lines()
                .toList()) {
            number++;
            int comment = line.indexOf('#');
            String text = (comment < 0 ? line : line.substring(0, comment)).strip();
            try {
                if (!text.isEmpty()) {
                    keys.add(NodePublicKey.parse(text));
                }
            } catch (KeyFormatException noKey) {
                wrong.add("line " + number);
            }
        }
        if (!wrong.isEmpty()) {
            String more = wrong.size() > MAX_NAMED ? " and " + (wrong.size() - MAX_NAMED) + " more" : "";
            throw new UserError(file + ": "
                    + String.join(", ", wrong.subList(0, Math.min(wrong.size(), MAX_NAMED))) + more
                    + ": no node key; write one nodekey:<64 hex digits> a line, and # before comments");
        }
        return Set.copyOf(keys);
    }
}
