package dev.warren.relay;

import dev.warren.platform.config.SecretFile;
import dev.warren.platform.config.UserError;
import dev.warren.protocol.key.KeyFormatException;
import dev.warren.protocol.key.MeshKey;
import java.io.IOException;
import java.nio.file.Path;

/** The secret that the relays of a region share, in derper's form: 64 hex digits, with white space around them. */
final class MeshKeyFile {
    private MeshKeyFile() {}

    /** The key in {@code file}. Throws {@link UserError}. */
    static MeshKey load(Path file) throws IOException {
        String text = SecretFile.readGuarded(file);
        if (text == null) {
            throw new UserError("--mesh-key-file " + file + " does not exist: put the 64 hex digits of the region's"
                    + " mesh key there, the same on every relay (\"openssl rand -hex 32\" makes one), with mode 0600");
        }
        MeshKey key;
        try {
            key = MeshKey.parse(text.strip());
        } catch (KeyFormatException broken) {
            // Its message is not passed on: it might repeat what is in the file.
            throw new UserError("--mesh-key-file " + file + " holds no mesh key: it must be 64 hex digits");
        }
        if (key.isZero()) {
            throw new UserError("--mesh-key-file " + file + " holds the zero key, which no relay accepts: make another,"
                    + " such as by \"openssl rand -hex 32\"");
        }
        return key;
    }
}
