package dev.warren.node.cli;

import dev.warren.node.keys.KeyId;
import dev.warren.node.keys.KeyManager;
import dev.warren.protocol.key.NodePrivateKey;
import dev.warren.protocol.key.PresharedKey;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.Arrays;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code warren keys import}: keeps a key that exists already. */
@Command(
        name = "import",
        description =
                "Reads a private key from standard input, keeps it in the state folder and prints its public key.")
final class KeysImport implements Callable<Integer> {
    @Parameters(paramLabel = "ID", description = "Name to keep the key under.")
    private String id = "";

    @Option(names = "--preshared", description = "It is a preshared key.")
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
        KeyManager keys = passphrase.keys(state);
        KeyId name = new KeyId(id);
        byte[] input = KeysPublic.standardInput("pipe a key in: warren keys import " + name + " < FILE");
        PrintWriter out = spec.commandLine().getOut();
        try {
            out.println(preshared ? keepPreshared(keys, name, input) : keepPrivate(keys, name, input));
        } finally {
            Arrays.fill(input, (byte) 0);
        }
        out.flush();
        return 0;
    }

    private String keepPreshared(KeyManager keys, KeyId name, byte[] input) throws IOException {
        try (PresharedKey key = keys.presharedKeys().parse(input, "standard input")) {
            keys.presharedKeys().store(name, key, encrypted.protection());
        }
        return "kept the preshared key \"" + name + "\"";
    }

    private String keepPrivate(KeyManager keys, KeyId name, byte[] input) throws IOException {
        try (NodePrivateKey key = keys.privateKeys().parse(input, "standard input")) {
            keys.privateKeys().store(name, key, encrypted.protection());
            return key.publicKey().base64();
        }
    }
}
