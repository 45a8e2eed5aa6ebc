package dev.warren.protocol.testing;

import java.util.ArrayList;
import java.util.List;

/**
 * Pings of which each has to be answered, in its own time. Asked for several, {@code ping} waits for the last answer only
 * twice as long as the slowest one before it took, and counts one that a busy machine brings later as lost.
 */
public final class Pings {
    private static final String SECONDS = "20";
    private static final String ONE_BY_ONE =
            "for _ in $(seq \"$0\"); do ping -n -q -c 1 -W \"$@\" || { echo not all of $0 were answered; exit 1; }; done";

    private Pings() {}

    /**
     * The command for {@code count} pings one behind the other: it ends with 1 at the first that is not answered within
     * 20 s.
     *
     * @param arguments other options of {@code ping}, and the address
     */
    public static List<String> oneByOne(int count, List<String> arguments) {
        List<String> command = new ArrayList<>(List.of("sh", "-c", ONE_BY_ONE, Integer.toString(count), SECONDS));
        command.addAll(arguments);
        return command;
    }
}
