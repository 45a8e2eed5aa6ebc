package dev.warren.relay;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.warren.platform.config.SecretFile;
import dev.warren.platform.config.UserError;
import dev.warren.protocol.key.KeyFormatException;
import dev.warren.protocol.key.NodePrivateKey;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;

/** The relay's key on disk, in derper's form: {@code {"PrivateKey":"privkey:..."}}, mode 0600. */
public final class NodeKeyFile {
    private static final String FIELD = "PrivateKey";

    private NodeKeyFile() {}

    /** The key in {@code file}; made and written there when the file is absent. Throws {@link UserError}. */
    static NodePrivateKey loadOrCreate(Path file) throws IOException {
        String text = SecretFile.read(file);
        if (text == null) {
            NodePrivateKey made = NodePrivateKey.generate(new SecureRandom());
            String json = JsonNodeFactory.instance
                    .objectNode()
                    .put(FIELD, made.secretText())
                    .toString();
            SecretFile.write(file, json + "\n");
            return made;
        }
        return parse(file, text);
    }

    /** The key in {@code file}. Throws {@link UserError}, also where there is none. */
    public static NodePrivateKey load(Path file) throws IOException {
        String text = SecretFile.read(file);
        if (text == null) {
            throw new UserError("there is no relay key " + file + ": give the file that the relay has as --node-key");
        }
        return parse(file, text);
    }

    private static NodePrivateKey parse(Path file, String text) {
        try {
            return NodePrivateKey.parse(
                    new ObjectMapper().readTree(text).path(FIELD).asText());
        } catch (JsonProcessingException | KeyFormatException broken) {
            // Neither message is passed on: it might repeat what is in the file.
            throw new UserError(file + " holds no relay key: it must be {\"" + FIELD
                    + "\":\"privkey:...\"} as derper writes it; put it right, or remove it to have a new key made");
        }
    }
}
