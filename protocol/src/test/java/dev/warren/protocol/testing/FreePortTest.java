package dev.warren.protocol.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class FreePortTest {
    @Test
    void shouldNotBeAmongThoseOfOutgoingConnections() throws IOException {
        int[] outgoing = FreePort.outgoing();
        InetAddress loopback = InetAddress.getLoopbackAddress();
        Set<Integer> given = new HashSet<>();
        try (ServerSocket server = new ServerSocket(0, 1, loopback)) {
            for (int i = 0; i < 200; i++) {
                int port = FreePort.next();
                assertTrue(port < outgoing[0] || port > outgoing[1], port + " is one of the kernel's");
                given.add(port);
                try (Socket client = new Socket(loopback, server.getLocalPort());
                        Socket served = server.accept()) {
                    int theirs = client.getLocalPort();
                    assertTrue(theirs >= outgoing[0] && theirs <= outgoing[1], served::toString);
                }
            }
        }
        assertEquals(200, given.size(), "one was given twice");
    }

    @Test
    void shouldPassOverWhatIsTaken() throws IOException {
        int first = FreePort.next();
        try (ServerSocket tcp = new ServerSocket(first + 1, 1, InetAddress.ofLiteral("127.0.0.1"));
                DatagramSocket udp = new DatagramSocket(first + 2, InetAddress.ofLiteral("127.0.0.1"))) {
            int second = FreePort.next();
            assertNotEquals(tcp.getLocalPort(), second);
            assertNotEquals(udp.getLocalPort(), second);
        }
    }
}
