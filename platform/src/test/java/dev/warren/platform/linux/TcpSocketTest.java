package dev.warren.platform.linux;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(30)
class TcpSocketTest {
    private final MemorySegment memory = Arena.ofAuto().allocate(1 << 20);
    private Poller poller;

    @BeforeEach
    void open() throws LinuxException {
        poller = Poller.open(4);
    }

    @AfterEach
    void close() {
        poller.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "::1"})
    void shouldCarryBytesBothWays(String ip) throws IOException {
        try (ServerSocket server = listen(ip);
                TcpSocket client = connected(server, TcpOptions.DEFAULT);
                Socket accepted = server.accept()) {
            memory.setString(10, "hello");
            assertEquals(5, client.send(memory, 10, 5));
            assertArrayEquals(
                    "hello".getBytes(java.nio.charset.StandardCharsets.UTF_8),
                    accepted.getInputStream().readNBytes(5));

            assertEquals(0, client.receive(memory, 0, 100));
            accepted.getOutputStream().write(new byte[] {7, 8, 9});
            awaitReadable(client);
            assertEquals(2, client.receive(memory, 20, 2));
            assertEquals(8, memory.get(ValueLayout.JAVA_BYTE, 21));
            assertEquals(1, client.receive(memory, 0, 100));
            assertEquals(9, memory.get(ValueLayout.JAVA_BYTE, 0));
        }
    }

    @Test
    void shouldSayWhenTheOtherEndIsThrough() throws IOException {
        try (ServerSocket server = listen("127.0.0.1");
                TcpSocket client = connected(server, TcpOptions.DEFAULT)) {
            server.accept().close();
            awaitReadable(client);
            assertEquals(TcpSocket.END, client.receive(memory, 0, 100));
        }
    }

    @Test
    void shouldTakeOnlyWhatTheBuffersHold() throws IOException {
        try (ServerSocket server = listen("127.0.0.1");
                TcpSocket client = connected(server, TcpOptions.DEFAULT);
                Socket accepted = server.accept()) {
            long sent = 0;
            int last;
            while ((last = client.send(memory, 0, memory.byteSize())) > 0) {
                sent += last;
            }
            assertTrue(sent > 0);
            accepted.getInputStream().skipNBytes(sent);
            poller.change(client.descriptor(), 0, false, true);
            assertEquals(1, poller.await(inTenSeconds()));
            assertTrue(poller.isWritable(0));
            assertTrue(client.send(memory, 0, 1) > 0);
        }
    }

    @Test
    void shouldTellARefusedAndABrokenConnection() throws IOException {
        int port;
        try (ServerSocket server = listen("127.0.0.1");
                TcpSocket client = connected(server, TcpOptions.DEFAULT)) {
            port = server.getLocalPort();
            Socket accepted = server.accept();
            accepted.setSoLinger(true, 0);
            accepted.close();
            awaitReadable(client);
            LinuxException reset = assertThrows(LinuxException.class, () -> client.receive(memory, 0, 1));
            assertTrue(reset.is(Errno.ECONNRESET), reset.getMessage());
            assertThrows(LinuxException.class, () -> client.send(memory, 0, 1));
        }
        InetSocketAddress nobody = new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), port);
        LinuxException refused = assertThrows(LinuxException.class, () -> {
            try (TcpSocket client = TcpSocket.connect(nobody, TcpOptions.DEFAULT)) {
                poller.add(client.descriptor(), 0, false, true);
                poller.await(inTenSeconds());
                client.finishConnect();
            }
        });
        assertEquals(
                "Cannot connect to 127.0.0.1:" + port + ": ECONNREFUSED, connection refused.", refused.getMessage());
    }

    @Test
    void shouldComeFromTheAddressAndWithTheBufferThatWereAskedFor() throws IOException {
        TcpOptions options = new TcpOptions(InetAddress.ofLiteral("127.0.0.77"), 8192);
        try (ServerSocket server = listen("127.0.0.1");
                TcpSocket client = connected(server, options);
                Socket accepted = server.accept()) {
            assertEquals("127.0.0.77", accepted.getInetAddress().getHostAddress());
            assertEquals(16384, client.receiveBufferBytes());
        }
        TcpOptions foreign = new TcpOptions(InetAddress.ofLiteral("192.0.2.1"), 0);
        try (ServerSocket server = listen("127.0.0.1")) {
            LinuxException refused = assertThrows(LinuxException.class, () -> connected(server, foreign));
            assertTrue(refused.is(Errno.EADDRNOTAVAIL), refused.getMessage());
        }
    }

    private TcpSocket connected(ServerSocket server, TcpOptions options) throws LinuxException {
        TcpSocket client = TcpSocket.connect((InetSocketAddress) server.getLocalSocketAddress(), options);
        poller.add(client.descriptor(), 0, false, true);
        assertEquals(1, poller.await(inTenSeconds()));
        assertTrue(poller.isWritable(0));
        client.finishConnect();
        return client;
    }

    private void awaitReadable(TcpSocket client) throws LinuxException {
        poller.change(client.descriptor(), 0, true, false);
        assertEquals(1, poller.await(inTenSeconds()));
        assertTrue(poller.isReadable(0));
    }

    private static ServerSocket listen(String ip) throws IOException {
        return new ServerSocket(0, 10, InetAddress.ofLiteral(ip));
    }

    private static long inTenSeconds() {
        return Clock.bootTimeNanos() + TimeUnit.SECONDS.toNanos(10);
    }
}
