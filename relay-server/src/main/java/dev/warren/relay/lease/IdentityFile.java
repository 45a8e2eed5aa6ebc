package dev.warren.relay.lease;

import dev.warren.platform.config.SecretFile;
import dev.warren.platform.config.UserError;
import dev.warren.protocol.key.IdentityPrivateKey;
import dev.warren.protocol.key.KeyFormatException;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;

/** By which key a coordinator knows the relay again: one line {@code idpriv:...}, mode 0600. */
public final class IdentityFile {
    private IdentityFile() {}

    /** The file that belongs to the relay's key in {@code nodeKey}. */
    public static Path beside(Path nodeKey) {
        return nodeKey.resolveSibling(nodeKey.getFileName() + ".identity");
    }

    /** The key in {@code file}; made and written there when the file is absent. Throws {@link UserError}. */
    public static IdentityPrivateKey loadOrCreate(Path file) throws IOException {
        String text = SecretFile.read(file);
        if (text == null) {
            IdentityPrivateKey made = IdentityPrivateKey.generate(new SecureRandom());
            SecretFile.write(file, made.secretText() + "\n");
            return made;
        }
        try {
            return IdentityPrivateKey.parse(text.strip());
        } catch (KeyFormatException broken) {
            // Its message is not passed on: it might repeat what is in the file.
            throw new UserError(file + " holds no identity: it must be one line idpriv:...; put it right, or remove it"
                    + " to have a new one made, for which the coordinator wants a token that is still good");
        }
    }
}
