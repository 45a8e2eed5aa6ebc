package dev.warren.node.cli;

import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The option that says which node is meant: each has a state folder of its own. */
final class StateFolder {
    @Option(
            names = "--state-dir",
            paramLabel = "DIR",
            description = "Folder of the node's keys and socket; default: /var/lib/warren/node as root, else"
                    + " $XDG_STATE_HOME/warren or ~/.local/state/warren.")
    private @Nullable Path folder;

    /** The folder given, or the usual one of this user. */
    Path path() {
        return folder != null ? folder.toAbsolutePath().normalize() : usual(System.getenv(), isRoot());
    }

    static Path usual(Map<String, String> environment, boolean root) {
        if (root) {
            return Path.of("/var/lib/warren/node");
        }
        String xdg = environment.get("XDG_STATE_HOME");
        if (xdg != null && xdg.startsWith("/")) {
            return Path.of(xdg, "warren");
        }
        return Path.of(environment.getOrDefault("HOME", "/"), ".local/state/warren");
    }

    private static boolean isRoot() {
        return "root".equals(System.getProperty("user.name"));
    }
}
