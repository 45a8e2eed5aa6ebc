package dev.warren.loadtest.compare;

import dev.warren.loadtest.measure.ListeningPorts;
import dev.warren.platform.config.HostPort;
import dev.warren.platform.config.UserError;
import dev.warren.protocol.stun.BindingRequest;
import dev.warren.protocol.stun.TransactionId;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.security.SecureRandom;
import java.time.Duration;

/** Waits until a server that was started is up. */
final class ReadyCheck {
    private static final int PROBE_MILLIS = 200;
    private static final int PAUSE_MILLIS = 20;
    private static final int ANSWER_LENGTH = 1500;

    private ReadyCheck() {}

    /**
     * Waits until {@code server} answers as {@code readiness} (its placeholders filled) asks.
     *
     * @throws UserError when it ended, or was not up within {@code limit}
     */
    static void await(String name, ServerProcess server, Readiness readiness, Duration limit)
            throws InterruptedException {
        InetSocketAddress address = address(readiness);
        long deadline = System.nanoTime() + limit.toNanos();
        while (!isUp(readiness, address, server)) {
            if (!server.isAlive()) {
                throw new UserError(name + " did not start: it " + server.end());
            }
            if (System.nanoTime() - deadline > 0) {
                throw new UserError(name + " did not answer on port " + address.getPort() + " within "
                        + limit.toSeconds() + " s; its last line: " + server.lastLine());
            }
            Thread.sleep(PAUSE_MILLIS);
        }
    }

    private static InetSocketAddress address(Readiness readiness) {
        String port = readiness.port();
        return HostPort.parse(port.contains(":") ? port : "127.0.0.1:" + port).resolve();
    }

    private static boolean isUp(Readiness readiness, InetSocketAddress address, ServerProcess server) {
        if (readiness.ownNetwork()) {
            return ListeningPorts.has(server.pid(), address.getPort());
        }
        return switch (readiness.kind()) {
            case TCP -> accepts(address);
            case UDP_STUN -> answers(address);
        };
    }

    private static boolean accepts(InetSocketAddress address) {
        try (Socket socket = new Socket()) {
            socket.connect(address, PROBE_MILLIS);
            return true;
        } catch (IOException notYet) {
            return false;
        }
    }

    /** Asks in the form that every server answers, Tailscale's too. */
    private static boolean answers(InetSocketAddress address) {
        byte[] request = BindingRequest.tailscale(TransactionId.random(new SecureRandom()));
        try (DatagramSocket socket = new DatagramSocket()) {
            socket.connect(address);
            socket.setSoTimeout(PROBE_MILLIS);
            socket.send(new DatagramPacket(request, request.length));
            socket.receive(new DatagramPacket(new byte[ANSWER_LENGTH], ANSWER_LENGTH));
            return true;
        } catch (IOException notYet) {
            return false;
        }
    }
}
