package dev.warren.node.cli;

import dev.warren.platform.config.UserError;
import dev.warren.protocol.key.KeyFormatException;
import dev.warren.protocol.key.NodePrivateKey;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code warren keys}: X25519 keys in the base64 form that {@code wg} reads and writes. */
@Command(
        name = "keys",
        description = "Makes and shows keys in WireGuard's text form.",
        subcommands = {KeysCommand.Generate.class, KeysCommand.Public.class})
final class KeysCommand implements Callable<Integer> {
    @Override
    public Integer call() {
        throw new UserError("say what to do with keys: generate or public");
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
}
