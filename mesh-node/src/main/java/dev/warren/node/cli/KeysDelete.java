package dev.warren.node.cli;

import dev.warren.node.control.NodeState;
import dev.warren.node.keys.KeyId;
import dev.warren.platform.config.UserError;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code warren keys delete}: removes a kept key for good. */
@Command(name = "delete", description = "Deletes a kept key; there is no way back.")
final class KeysDelete implements Callable<Integer> {
    @Parameters(paramLabel = "ID", description = "Name of the kept key.")
    private String id = "";

    @Option(names = "--preshared", description = "It is a preshared key.")
    private boolean preshared;

    @Mixin
    private final StateFolder state = new StateFolder();

    @Mixin
    private final Passphrase passphrase = new Passphrase();

    @Override
    public Integer call() throws IOException {
        KeyId name = new KeyId(id);
        if (!preshared && (name.equals(NodeState.IDENTITY) || name.equals(NodeState.NODE_KEY))) {
            throw new UserError("the key \"" + name + "\" is what makes this node a member of its mesh: to leave the"
                    + " mesh, remove the folder " + state.path());
        }
        if (!KeysProtect.of(passphrase.keys(state), name, preshared).delete(name)) {
            throw new UserError("there is no " + (preshared ? "preshared" : "private") + " key \"" + name + "\" in "
                    + state.path());
        }
        return 0;
    }
}
