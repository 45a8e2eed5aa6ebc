package dev.warren.node.cli;

import dev.warren.node.control.NodeState;
import dev.warren.platform.config.UserError;
import dev.warren.protocol.key.KeyFormatException;
import dev.warren.protocol.key.NodePrivateKey;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code warren keys}: X25519 keys in the base64 form that {@code wg} reads and writes. */
@Command(
        name = "keys",
        description = "Makes and shows keys in WireGuard's text form.",
        subcommands = {KeysCommand.Generate.class, KeysCommand.Public.class, KeysCommand.Show.class})
final class KeysCommand implements Callable<Integer> {
    @Override
    public Integer call() {
        throw new UserError("say what to do with keys: generate, public or show");
    }

    /** {@code warren keys generate}. */
    @Command(name = "generate", description = "Prints a new private key, as \"wg genkey\" does.")
    static final class Generate implements Callable<Integer> {
        @Spec
        @SuppressWarnings("NullAway.Init") // picocli sets it before call()
        private CommandSpec spec;

        @Override
        public Integer call() {
            try (NodePrivateKey key = NodePrivateKey.generate(new SecureRandom())) {
                spec.commandLine().getOut().println(Base64.getEncoder().encodeToString(key.bytes()));
            }
            spec.commandLine().getOut().flush();
            return 0;
        }
    }

    /** {@code warren keys public}. */
    @Command(
            name = "public",
            description = "Reads a private key from standard input and prints its public key, as \"wg pubkey\" does.")
    static final class Public implements Callable<Integer> {
        @Spec
        @SuppressWarnings("NullAway.Init") // picocli sets it before call()
        private CommandSpec spec;

        @Override
        public Integer call() throws IOException {
            BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
            String line = in.readLine();
            if (line == null || line.isBlank()) {
                throw new UserError("standard input is empty; pipe a private key in: warren keys generate | warren keys"
                        + " public");
            }
            try (NodePrivateKey key = read(line.strip())) {
                spec.commandLine().getOut().println(key.publicKey().base64());
            } catch (KeyFormatException wrong) {
                throw new UserError("standard input is no private key: " + wrong.getMessage(), wrong);
            }
            spec.commandLine().getOut().flush();
            return 0;
        }

        private static NodePrivateKey read(String text) {
            return text.startsWith("privkey:") ? NodePrivateKey.parse(text) : NodePrivateKey.parseBase64(text);
        }
    }

    /** {@code warren keys show}. */
    @Command(name = "show", description = "Prints the public keys of this machine's node.")
    static final class Show implements Callable<Integer> {
        @Mixin
        private final StateFolder state = new StateFolder();

        @Spec
        @SuppressWarnings("NullAway.Init") // picocli sets it before call()
        private CommandSpec spec;

        @Override
        public Integer call() throws IOException {
            Path folder = state.path();
            if (!NodeState.exists(folder)) {
                throw new UserError("no node has been started with the state folder " + folder
                        + " yet; start one with \"warren up\", or name its folder with --state-dir");
            }
            NodeState node = NodeState.open(folder, new SecureRandom());
            PrintWriter out = spec.commandLine().getOut();
            out.println("identity   " + node.identity().publicKey());
            out.println("node       " + node.nodeKey().publicKey());
            out.println("WireGuard  " + node.nodeKey().publicKey().base64());
            out.flush();
            return 0;
        }
    }
}
