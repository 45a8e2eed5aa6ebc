package dev.warren.loadtest.compare;

import dev.warren.platform.config.UserError;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.HashSet;
import java.util.Set;
import java.util.random.RandomGenerator;

/**
 * Hands out ports that are free for TCP and UDP, each once. They lie beneath the range from which Linux takes the ports
 * of outgoing connections (32768 on), so that ten thousand clients do not take a server's port before it listens.
 */
final class FreePorts {
    private static final int FIRST = 20_000;
    private static final int END = 32_000;
    private static final int TRIES = 200;

    private final RandomGenerator random;
    private final Set<Integer> given = new HashSet<>();

    FreePorts(RandomGenerator random) {
        this.random = random;
    }

    /** A port that nobody listens on now. */
    int next() {
        for (int i = 0; i < TRIES; i++) {
            int port = random.nextInt(FIRST, END);
            if (!given.contains(port) && isFree(port)) {
                given.add(port);
                return port;
            }
        }
        throw new UserError("no free port was found from " + FIRST + " to " + END + ": stop what listens there");
    }

    private static boolean isFree(int port) {
        try (ServerSocket tcp = new ServerSocket();
                DatagramSocket udp = new DatagramSocket(null)) {
            tcp.bind(new InetSocketAddress(port));
            udp.bind(new InetSocketAddress(port));
            return true;
        } catch (IOException taken) {
            return false;
        }
    }
}
