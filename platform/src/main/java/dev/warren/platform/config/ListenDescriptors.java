package dev.warren.platform.config;

import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** The sockets that systemd has bound for a socket unit's service (sd_listen_fds(3)). */
public final class ListenDescriptors {
    /** SD_LISTEN_FDS_START. */
    private static final int FIRST = 3;
    /** More than any unit has; a wrong variable must not make a list without end. */
    private static final int MOST = 1024;

    private ListenDescriptors() {}

    /**
     * The descriptors' numbers, from LISTEN_FDS, when LISTEN_PID says that they are for the process {@code pid}; none
     * otherwise. Throws {@link UserError} for a number that is none.
     */
    public static List<Integer> of(Map<String, String> environment, long pid) {
        String count = environment.get("LISTEN_FDS");
        if (count == null || !Long.toString(pid).equals(environment.get("LISTEN_PID"))) {
            return List.of();
        }
        try {
            int number = Integer.parseInt(count);
            if (number >= 0 && number <= MOST) {
                return IntStream.range(FIRST, FIRST + number).boxed().toList();
            }
        } catch (NumberFormatException wrong) {
            // Said below.
        }
        throw new UserError("LISTEN_FDS is \"" + count + "\", and must be a number from 0 to " + MOST
                + ": it is systemd that sets it for a socket unit");
    }
}
