package dev.warren.loadtest.tunnel;

import dev.warren.platform.config.UserError;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Which cores the programs of each end are held to, as lists such as {@code 0,2-3}; empty: whichever the kernel chooses.
 */
record Cores(String left, String right) {
    static final Cores ANY = new Cores("", "");

    private static final Pattern LIST = Pattern.compile("\\d+(-\\d+)?(,\\d+(-\\d+)?)*");

    /** Reads {@code LEFT:RIGHT}, such as {@code 0:1}. */
    static Cores parse(String text) {
        String[] ends = text.strip().split(":", -1);
        if (ends.length != 2
                || !LIST.matcher(ends[0]).matches()
                || !LIST.matcher(ends[1]).matches()) {
            throw new UserError("\"" + text + "\" does not say which cores each end keeps to: write LEFT:RIGHT, such as"
                    + " 0:1 or 0-1:2-3");
        }
        return new Cores(ends[0], ends[1]);
    }

    /** {@code command} held to {@code cores}. */
    static List<String> hold(String cores, List<String> command) {
        if (cores.isEmpty()) {
            return command;
        }
        List<String> all = new ArrayList<>(List.of("taskset", "-c", cores));
        all.addAll(command);
        return all;
    }

    @Override
    public String toString() {
        return equals(ANY) ? "any" : left + ":" + right;
    }
}
