package dev.warren.node.cli;

import dev.warren.node.keys.KeyManager;
import dev.warren.node.keys.StoredKey;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code warren keys list}: what is kept, without any secret. */
@Command(
        name = "list",
        description = "Lists the keys in the state folder with their public halves; exit code 1 if one can't be used.")
final class KeysList implements Callable<Integer> {
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
        List<StoredKey> all = new ArrayList<>(keys.identityKeys().list());
        all.addAll(keys.privateKeys().list());
        all.addAll(keys.presharedKeys().list());
        PrintWriter out = spec.commandLine().getOut();
        if (all.isEmpty()) {
            out.println("no keys are kept in " + state.path());
        } else {
            all.forEach(key -> out.println(line(key)));
        }
        out.flush();
        return all.stream().allMatch(key -> key.problem().isEmpty()) ? 0 : 1;
    }

    private static String line(StoredKey key) {
        String place = key.place() == StoredKey.Place.CREDENTIAL ? "credential" : key.isSealed() ? "sealed" : "plain";
        String last = key.problem().isEmpty() ? key.publicText() : key.problem();
        return String.format(
                        Locale.ROOT,
                        "%-20s  %-9s  %-10s  %s",
                        key.id(),
                        key.kind().text(),
                        place,
                        last)
                .stripTrailing();
    }
}
