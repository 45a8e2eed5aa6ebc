package dev.warren.loadtest.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.loadtest.sandbox.Sandbox;
import dev.warren.loadtest.sandbox.Shell;
import dev.warren.platform.linux.NetworkNamespace;
import dev.warren.protocol.testing.Requirements;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The demo's own talk with machines of the sandbox: transfers, pings, the way to the status page. */
@Timeout(30)
class TalkTest {
    private static final String D = "192.168.1.11";

    @TempDir
    private static Path folder;

    private static Sandbox sandbox;
    private static Internet internet;
    private static Machine a;
    private static Machine d;

    @BeforeAll
    static void build() throws IOException {
        Requirements.root();
        sandbox = Sandbox.start("the demo", "./warren demo");
        internet = Internet.build(sandbox, folder);
        a = Machine.start("a", internet, folder);
        d = Machine.start("d", internet, folder);
    }

    @AfterAll
    static void end() {
        if (a != null && d != null) {
            a.close();
            d.close();
        }
        if (sandbox != null) {
            sandbox.close();
        }
    }

    @Test
    void shouldTransferAndCompare() throws IOException {
        Transfer.Outcome outcome = Transfer.run(a, d, D, 3_000_001, Duration.ofSeconds(10));

        assertEquals(3_000_001, outcome.bytes());
        assertEquals(outcome.sent(), outcome.received());
        assertTrue(outcome.megabitsPerSecond() > 1, outcome.toString());
    }

    @Test
    void shouldSayThatATransferWasRefused() {
        // The address is not the receiver's, so it cannot listen there.
        assertThrows(IOException.class, () -> Transfer.run(a, d, "192.168.1.99", 10, Duration.ofSeconds(5)));
    }

    @Test
    void shouldSeeWhenAPingFallsSilent() throws IOException {
        try (PingProbe ping = PingProbe.start(a, D)) {
            long first = ping.awaitAnswer(0, 5_000);
            assertTrue(first > ping.startedNanos());

            Shell.run(d.on(java.util.List.of("ip", "link", "set", "eth0", "down")));
            long down = System.nanoTime();
            assertThrows(IOException.class, () -> ping.awaitAnswer(down + 300_000_000L, 700));
            Shell.run(d.on(java.util.List.of("ip", "link", "set", "eth0", "up")));

            ping.awaitAnswer(System.nanoTime(), 5_000);
            assertTrue(ping.longestSilenceNanos(first) > 600_000_000L);
        }
    }

    @Test
    void shouldForwardAPortOfThisMachineIntoTheSandbox() throws Exception {
        try (NetworkNamespace coordinator = NetworkNamespace.enter(internet.networkOf("coordinator"));
                ServerSocket inside = coordinator.call(() -> new ServerSocket(0, 1, InetAddress.getLoopbackAddress()));
                PageForwarder forwarder =
                        PageForwarder.start(0, coordinator, (InetSocketAddress) inside.getLocalSocketAddress())) {
            Thread.ofVirtual().start(() -> answerOnce(inside));
            URI url = URI.create(forwarder.url());
            assertEquals("127.0.0.1", url.getHost());

            try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), url.getPort())) {
                socket.getOutputStream().write("hello".getBytes(StandardCharsets.UTF_8));
                socket.shutdownOutput();
                assertEquals("hello", new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
            }
        }
    }

    private static void answerOnce(ServerSocket server) {
        try (Socket socket = server.accept();
                InputStream in = socket.getInputStream();
                OutputStream out = socket.getOutputStream()) {
            in.transferTo(out);
        } catch (IOException gone) {
            // The client's assertion fails then.
        }
    }
}
