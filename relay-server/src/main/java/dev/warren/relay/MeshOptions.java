package dev.warren.relay;

import dev.warren.platform.config.UserError;
import dev.warren.protocol.derp.DerpMapFormatException;
import dev.warren.protocol.derp.DerpNode;
import dev.warren.protocol.derp.RelayAddresses;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options about the other relays of the region. */
final class MeshOptions {
    @Option(
            names = "--mesh-key-file",
            paramLabel = "FILE",
            description = "The secret of the region's relays, 64 hex digits; who has it may forward, watch and close."
                    + " None: nobody may.")
    private @Nullable Path keyFile;

    @Option(
            names = "--mesh-with",
            paramLabel = "HOST:PORT[,pin=sha256-raw:HEX][,plaintext]",
            description = "Another relay of the region (ours or derper), whose clients this one forwards to; several"
                    + " are separated by commas, or given by several options.")
    private List<String> with = List.of();

    /** What they say as a whole, null when there is no mesh; throws {@link UserError}. */
    RelayConfig.@Nullable Mesh mesh() {
        if (keyFile == null) {
            if (!with.isEmpty()) {
                throw new UserError("--mesh-with needs --mesh-key-file: the other relay lets in whom has its key");
            }
            return null;
        }
        try {
            List<DerpNode> relays = RelayAddresses.parse(String.join(",", with));
            return new RelayConfig.Mesh(keyFile, relays);
        } catch (DerpMapFormatException wrong) {
            throw new UserError("--mesh-with: " + wrong.getMessage(), wrong);
        }
    }
}
