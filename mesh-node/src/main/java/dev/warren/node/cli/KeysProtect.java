package dev.warren.node.cli;

import dev.warren.node.control.NodeState;
import dev.warren.node.keys.KeyId;
import dev.warren.node.keys.KeyManager;
import dev.warren.node.keys.StoredKeys;
import dev.warren.node.keys.StoredKeys.Protection;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code warren keys encrypt} and {@code warren keys decrypt}: puts a kept key under a passphrase, or takes it off. */
abstract sealed class KeysProtect implements Callable<Integer> {
    @Parameters(paramLabel = "ID", description = "Name of the kept key.")
    private String id = "";

    @Option(names = "--preshared", description = "It is a preshared key.")
    private boolean preshared;

    @Mixin
    private final StateFolder state = new StateFolder();

    @Mixin
    private final Passphrase passphrase = new Passphrase();

    private final Protection protection;

    private KeysProtect(Protection protection) {
        this.protection = protection;
    }

    @Override
    public Integer call() throws IOException {
        KeyId name = new KeyId(id);
        of(passphrase.keys(state), name, preshared).protect(name, protection);
        return 0;
    }

    /** The kept keys among which that name is looked for. */
    static StoredKeys<?> of(KeyManager keys, KeyId name, boolean preshared) {
        if (preshared) {
            return keys.presharedKeys();
        }
        return name.equals(NodeState.IDENTITY) ? keys.identityKeys() : keys.privateKeys();
    }

    /** {@code warren keys encrypt}. */
    @Command(
            name = "encrypt",
            description = "Seals a kept key with a passphrase; a key that is sealed already is sealed anew, with the"
                    + " same passphrase if it comes from a file.")
    static final class Encrypt extends KeysProtect {
        Encrypt() {
            super(Protection.PASSPHRASE);
        }
    }

    /** {@code warren keys decrypt}. */
    @Command(name = "decrypt", description = "Takes the passphrase off a kept key, which wg can then read.")
    static final class Decrypt extends KeysProtect {
        Decrypt() {
            super(Protection.PLAIN);
        }
    }
}
