package dev.warren.protocol.brokenrule;

import dev.warren.platform.brokenrule.UpwardArrow;
import java.io.IOException;
import java.net.DatagramSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;

/** A state machine that helps itself to everything that it should have been given, from wherever it is. */
public final class ImpureProtocol {
    private final SecureRandom random = new SecureRandom();

    /** Opens a socket, reads a file and the clock, draws a random number, and all that on a thread of its own. */
    public Thread start(Path file) {
        return Thread.ofVirtual().start(() -> {
            try (DatagramSocket socket = new DatagramSocket()) {
                socket.setSoTimeout((int) (System.nanoTime() + random.nextInt() + Files.size(file)));
            } catch (IOException e) {
                throw new IllegalStateException(new UpwardArrow().ask(), e);
            }
        });
    }
}
