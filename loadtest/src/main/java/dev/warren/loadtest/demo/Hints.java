package dev.warren.loadtest.demo;

import dev.warren.node.control.NodeStatus;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What to try while the demo runs. */
final class Hints {
    private Hints() {}

    /** The lines to print; {@code nodeB} is what b says about itself, {@code page} the status page's URL. */
    static List<String> lines(@Nullable NodeStatus nodeB, String page) {
        String networkInterface = nodeB == null ? "INTERFACE" : nodeB.node().networkInterface();
        return List.of(
                "",
                "The status page: " + page,
                "Try in another terminal:",
                "  ./warren demo exec a -- ping b             through two NATs, direct",
                "  ./warren demo exec a -- ping c             through the relay",
                "  ./warren demo exec a -- warren ping b      says which path each answer took",
                "  ./warren demo exec b -- warren status",
                "  ./warren demo exec b -- wg show " + networkInterface,
                "Ctrl-C ends it and leaves nothing behind.");
    }
}
