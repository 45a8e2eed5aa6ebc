package dev.warren.node.cli;

import dev.warren.node.keys.KeyId;
import dev.warren.node.keys.KeyManager;
import dev.warren.platform.config.UserError;
import dev.warren.protocol.key.NodePrivateKey;
import java.io.IOException;
import java.util.Arrays;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code warren keys public}: the public half of a key. */
@Command(
        name = "public",
        description = "Prints the public key of a kept private key, or of one that it reads from standard input, as"
                + " \"wg pubkey\" does.")
final class KeysPublic implements Callable<Integer> {
    /** More than any form of a key has. */
    static final int MAX_INPUT = 4096;

    @Parameters(arity = "0..1", paramLabel = "ID", description = "Name of a kept key; needs no passphrase.")
    private @Nullable String id;

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
        String text =
                id != null ? KeysCommand.publicText(keys.privateKeys().describe(new KeyId(id))) : ofStandardInput(keys);
        spec.commandLine().getOut().println(text);
        spec.commandLine().getOut().flush();
        return 0;
    }

    private static String ofStandardInput(KeyManager keys) {
        byte[] input = standardInput("pipe a private key in: warren keys generate | warren keys public");
        try (NodePrivateKey key = keys.privateKeys().parse(input, "standard input")) {
            return key.publicKey().base64();
        } finally {
            Arrays.fill(input, (byte) 0);
        }
    }

    /** All of standard input, which must be there and short. */
    static byte[] standardInput(String advice) {
        byte[] input;
        try {
            input = System.in.readNBytes(MAX_INPUT + 1);
        } catch (IOException unreadable) {
            throw new UserError(
                    "standard input can't be read: it is a folder, or has been closed; " + advice, unreadable);
        }
        if (input.length > MAX_INPUT) {
            Arrays.fill(input, (byte) 0);
            throw new UserError("standard input has more than " + MAX_INPUT + " bytes, so it is no key");
        }
        for (byte character : input) {
            if (!Character.isWhitespace(character)) {
                return input;
            }
        }
        throw new UserError("standard input is empty; " + advice);
    }
}
