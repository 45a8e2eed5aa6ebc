package dev.warren.protocol.testing;

import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.BindException;
import java.net.DatagramSocket;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Port numbers for programs that have to be told theirs before they listen. None is of the kernel's range for outgoing
 * connections: of that one a program that listens a moment later may find its number taken, and while the connections
 * of an earlier test are in TIME-WAIT that is no rare event.
 */
public final class FreePort {
    /** Above the ports of services that may run on a developer's machine. */
    private static final int LOWEST = 10_240;

    private static final int END = end();

    /** Where the search goes on; from a place of this process's own, so that two runs at once do not meet. */
    private static final AtomicInteger NEXT =
            new AtomicInteger(ThreadLocalRandom.current().nextInt(END - LOWEST));

    private FreePort() {}

    /**
     * A port on which nothing listens, neither TCP nor UDP, at no address of this machine, and which this process was
     * not given before.
     */
    public static int next() throws IOException {
        for (int tries = LOWEST; tries < END; tries++) {
            int port = LOWEST + Math.floorMod(NEXT.getAndIncrement(), END - LOWEST);
            if (isFree(port)) {
                return port;
            }
        }
        throw new IOException("all ports from " + LOWEST + " to " + (END - 1) + " are taken");
    }

    private static boolean isFree(int port) throws IOException {
        try (ServerSocket tcp = new ServerSocket(port)) {
            new DatagramSocket(port).close();
            return tcp.isBound();
        } catch (BindException taken) {
            return false;
        }
    }

    /** Where the kernel's own range begins. */
    private static int end() {
        int first = outgoing()[0];
        return first > LOWEST ? first : 1 << 16;
    }

    /** First and last port of the kernel's range for outgoing connections. */
    static int[] outgoing() {
        // In one read, which Files.readString does not do: such a file has nothing but its first byte for it.
        try (InputStream range = new FileInputStream("/proc/sys/net/ipv4/ip_local_port_range")) {
            String text = new String(range.readAllBytes(), StandardCharsets.US_ASCII);
            return Arrays.stream(text.strip().split("\\s+", 2))
                    .mapToInt(Integer::parseInt)
                    .toArray();
        } catch (IOException elsewhere) {
            return new int[] {32_768, 60_999};
        }
    }
}
