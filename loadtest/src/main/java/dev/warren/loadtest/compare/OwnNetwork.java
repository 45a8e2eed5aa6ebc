package dev.warren.loadtest.compare;

import java.util.ArrayList;
import java.util.List;

/**
 * A network namespace for one server, in which nothing is but a loopback interface; it ends with the server. A stream is
 * measured so, as its cables are laid into the relay's network and never into the machine's own.
 */
final class OwnNetwork {
    /** Each step becomes the next one, so that the server keeps the process number that was started. */
    private static final List<String> START = List.of(
            "unshare", "--net", "sh", "-c", "PATH=$PATH:/usr/sbin:/sbin; ip link set lo up && exec \"$0\" \"$@\"");

    private OwnNetwork() {}

    /** {@code command} in a network of its own. */
    static List<String> around(List<String> command) {
        List<String> all = new ArrayList<>(START);
        all.addAll(command);
        return all;
    }
}
