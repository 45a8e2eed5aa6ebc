package dev.warren.node.cli;

import dev.warren.node.keys.KeyManager;
import dev.warren.node.keys.PassphraseSource;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The option that says where the passphrase of sealed keys is. It never stands on the command line itself. */
final class Passphrase {
    @Option(
            names = "--passphrase-file",
            paramLabel = "FILE",
            description = "File of mode 0600 whose first line is the passphrase of sealed keys; default: the terminal"
                    + " is asked when one is wanted.")
    private @Nullable Path file;

    /** The keys of the node with that folder, with systemd's credentials before them. */
    KeyManager keys(StateFolder state) {
        return new KeyManager(KeyManager.Settings.of(state.path(), System.getenv(), source(System.getenv())));
    }

    private PassphraseSource source(Map<String, String> environment) {
        if (file == null) {
            return PassphraseSource.terminal();
        }
        Path credentials = KeyManager.Settings.of(file, environment, PassphraseSource.none())
                .credentials();
        boolean isCredential = credentials != null && file.toAbsolutePath().startsWith(credentials);
        return isCredential ? PassphraseSource.credential(file) : PassphraseSource.file(file);
    }
}
