package dev.warren.loadtest.measure;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** Who listens where, in the network of any process: {@code /proc/PID/net/tcp} and {@code tcp6} (proc(5)). */
public final class ListeningPorts {
    /** TCP_LISTEN in the kernel's include/net/tcp_states.h. */
    private static final String LISTEN = "0A";

    private static final int LOCAL = 1;
    private static final int STATE = 3;

    private ListeningPorts() {}

    /** Whether somebody listens on TCP {@code port} in the network of process {@code pid}. */
    public static boolean has(long pid, int port) {
        return addresses(pid, port).findAny().isPresent();
    }

    /** Whether somebody listens there on all addresses, those that are yet to come included. */
    public static boolean hasOnAllAddresses(long pid, int port) {
        return addresses(pid, port).anyMatch(address -> address.chars().allMatch(digit -> digit == '0'));
    }

    /** The addresses in hex, as the kernel prints them. */
    private static Stream<String> addresses(long pid, int port) {
        String end = String.format(Locale.ROOT, ":%04X", port);
        return Stream.of("tcp", "tcp6")
                .flatMap(table -> lines(Path.of("/proc/" + pid + "/net/" + table)).stream())
                .map(line -> line.strip().split("\\s+", STATE + 2))
                .filter(fields -> fields.length > STATE && fields[STATE].equals(LISTEN) && fields[LOCAL].endsWith(end))
                .map(fields -> fields[LOCAL].substring(0, fields[LOCAL].length() - end.length()));
    }

    private static List<String> lines(Path table) {
        try {
            return Files.readAllLines(table);
        } catch (IOException gone) {
            return List.of();
        }
    }
}
