package dev.warren.node.cli;

import dev.warren.node.keys.StoredKeys;
import picocli.CommandLine.Option;

/** The option that says how a key is to be kept. */
final class Encrypted {
    @Option(names = "--encrypt", description = "Seals the kept key with a passphrase.")
    private boolean wanted;

    boolean isWanted() {
        return wanted;
    }

    StoredKeys.Protection protection() {
        return wanted ? StoredKeys.Protection.PASSPHRASE : StoredKeys.Protection.PLAIN;
    }
}
