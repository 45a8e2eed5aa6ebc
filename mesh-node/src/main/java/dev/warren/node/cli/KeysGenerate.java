package dev.warren.node.cli;

import dev.warren.node.keys.KeyId;
import dev.warren.node.keys.KeyManager;
import dev.warren.platform.config.UserError;
import dev.warren.protocol.key.NodePrivateKey;
import dev.warren.protocol.key.PresharedKey;
import java.io.IOException;
import java.io.PrintWriter;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code warren keys generate}: prints a key, or keeps it under a name. */
@Command(
        name = "generate",
        description = "Prints a new private key, as \"wg genkey\" does; with a name, keeps it in the state folder and"
                + " prints its public key.")
final class KeysGenerate implements Callable<Integer> {
    @Parameters(arity = "0..1", paramLabel = "ID", description = "Name to keep the key under.")
    private @Nullable String id;

    @Option(names = "--preshared", description = "A preshared key, as \"wg genpsk\" makes.")
    private boolean preshared;

    @Mixin
    private final Encrypted encrypted = new Encrypted();

    @Mixin
    private final StateFolder state = new StateFolder();

    @Mixin
    private final Passphrase passphrase = new Passphrase();

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before call()
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        PrintWriter out = spec.commandLine().getOut();
        if (id == null) {
            if (encrypted.isWanted()) {
                throw new UserError("--encrypt is for keys that are kept: give the key a name");
            }
            out.println(text());
        } else if (preshared) {
            keys().presharedKeys()
                    .generate(new KeyId(id), encrypted.protection())
                    .close();
            out.println("kept the new preshared key \"" + id + "\"");
        } else {
            try (NodePrivateKey key = keys().privateKeys().generate(new KeyId(id), encrypted.protection())) {
                out.println(key.publicKey().base64());
            }
        }
        out.flush();
        return 0;
    }

    private String text() {
        SecureRandom random = new SecureRandom();
        if (preshared) {
            try (PresharedKey key = PresharedKey.generate(random)) {
                return Base64.getEncoder().encodeToString(key.bytes());
            }
        }
        try (NodePrivateKey key = NodePrivateKey.generate(random)) {
            return Base64.getEncoder().encodeToString(key.bytes());
        }
    }

    private KeyManager keys() {
        return passphrase.keys(state);
    }
}
