package dev.warren.node.cli;

import dev.warren.node.control.NodeState;
import dev.warren.node.keys.KeyManager;
import dev.warren.node.keys.StoredKey;
import dev.warren.platform.config.UserError;
import dev.warren.protocol.key.NodePublicKey;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code warren keys}: X25519 and preshared keys, in the base64 form that {@code wg} reads and writes. */
@Command(
        name = "keys",
        description = "Makes, keeps and shows keys in WireGuard's text form.",
        subcommands = {
            KeysGenerate.class,
            KeysPublic.class,
            KeysCommand.Show.class,
            KeysList.class,
            KeysImport.class,
            KeysProtect.Encrypt.class,
            KeysProtect.Decrypt.class,
            KeysDelete.class
        })
final class KeysCommand implements Callable<Integer> {
    @Override
    public Integer call() {
        throw new UserError(
                "say what to do with keys: generate, public, show, list, import, encrypt, decrypt or delete");
    }

    /** {@code warren keys show}. */
    @Command(name = "show", description = "Prints the public keys of this machine's node.")
    static final class Show implements Callable<Integer> {
        @Mixin
        private final StateFolder state = new StateFolder();

        @Mixin
        private final Passphrase passphrase = new Passphrase();

        @Spec
        @SuppressWarnings("NullAway.Init") // picocli sets it before call()
        private CommandSpec spec;

        @Override
        public Integer call() throws IOException {
            KeyManager keys = passphrase.keys(state);
            if (!NodeState.exists(keys)) {
                throw new UserError("no node has been started with the state folder " + state.path()
                        + " yet; start one with \"warren up\", or name its folder with --state-dir");
            }
            String identity = publicText(keys.identityKeys().describe(NodeState.IDENTITY));
            String base64 = publicText(keys.privateKeys().describe(NodeState.NODE_KEY));
            PrintWriter out = spec.commandLine().getOut();
            out.println("identity   " + identity);
            out.println("node       " + NodePublicKey.parseBase64(base64));
            out.println("WireGuard  " + base64);
            out.flush();
            return 0;
        }
    }

    /** Its public half; needs no passphrase. */
    static String publicText(StoredKey key) {
        if (!key.problem().isEmpty()) {
            throw new UserError(key.problem());
        }
        return key.publicText();
    }
}
