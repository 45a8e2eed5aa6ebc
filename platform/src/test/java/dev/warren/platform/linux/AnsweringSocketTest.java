package dev.warren.platform.linux;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Over the loopback. */
@Timeout(30)
final class AnsweringSocketTest {
    private static final UdpOptions SMALL = new UdpOptions(64 << 10, 64 << 10, 0);
    private static final int SLOTS = 4;
    private static final int SLOT_BYTES = 64;

    private final AnswerBatch batch = new AnswerBatch(SLOTS, SLOT_BYTES);

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "::1"})
    void shouldAnswerSomeOfABatchInPlaceAndForgetThem(String ip) throws Exception {
        InetAddress address = InetAddress.ofLiteral(ip);
        try (AnsweringSocket server = one(new InetSocketAddress(address, 0));
                DatagramSocket client = client(address)) {
            for (int round = 0; round < 2; round++) {
                for (String word : List.of("a", "bb", "ccc", "dddd")) {
                    send(client, word, server.address());
                }
                List<String> came = new ArrayList<>();
                while (came.size() < SLOTS) {
                    int count = server.receive(batch);
                    for (int i = 0; i < count; i++) {
                        byte[] bytes = new byte[SLOT_BYTES];
                        batch.copy(i, bytes);
                        String word = new String(bytes, 0, batch.length(i), StandardCharsets.US_ASCII);
                        came.add(word);
                        assertArrayEquals(address.getAddress(), batch.address(i));
                        assertEquals(client.getLocalPort(), batch.port(i));
                        assertEquals(client.getLocalSocketAddress(), batch.source(i));
                        assertFalse(batch.isTruncated(i));
                        if (word.length() % 2 == 0) {
                            byte[] answer = (word + " heard").getBytes(StandardCharsets.US_ASCII);
                            batch.answer(i, answer, answer.length);
                        }
                    }
                    server.answer(batch, AnsweringSocketTest::fail);
                }
                assertEquals(List.of("a", "bb", "ccc", "dddd"), came);
                assertEquals("bb heard", receive(client).word());
                assertEquals("dddd heard", receive(client).word());
            }
            assertEquals(0, server.receive(batch), "nothing more, and it does not wait for ever");
        }
    }

    /** The kernel would choose the first address of the way back, and the client would not know that one. */
    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "127.0.0.2", "::1"})
    void shouldAnswerFromTheAddressThatWasAsked(String ip) throws Exception {
        InetAddress asked = InetAddress.ofLiteral(ip);
        try (AnsweringSocket server = one(new InetSocketAddress(0));
                DatagramSocket client =
                        client(InetAddress.ofLiteral(asked.getAddress().length == 4 ? "127.0.0.1" : "::1"))) {
            InetSocketAddress at = new InetSocketAddress(asked, server.address().getPort());
            send(client, "who", at);
            assertEquals(1, server.receive(batch));
            assertArrayEquals(client.getLocalAddress().getAddress(), batch.address(0), "a mapped address is unmapped");
            batch.answer(0, new byte[] {'i'}, 1);
            server.answer(batch, AnsweringSocketTest::fail);
            Heard heard = receive(client);
            assertEquals("i", heard.word());
            assertEquals(at, heard.from());
        }
    }

    @Test
    void shouldMarkWhatIsLongerThanASlot() throws Exception {
        try (AnsweringSocket server = one(loopback(0));
                DatagramSocket client = client(loopback(0).getAddress())) {
            send(client, "x".repeat(60_000), server.address());
            assertEquals(1, server.receive(batch));
            assertTrue(batch.isTruncated(0));
            assertEquals(SLOT_BYTES, batch.length(0));
        }
    }

    @Test
    void shouldSpreadSendersOverItsSocketsButShareWithNobodyElse() throws Exception {
        List<AnsweringSocket> sockets = AnsweringSocket.bind(loopback(0), 2, SMALL);
        try {
            InetSocketAddress address = sockets.getFirst().address();
            assertEquals(address, sockets.getLast().address());
            boolean[] heard = new boolean[2];
            for (int i = 0; i < 200 && !(heard[0] && heard[1]); i++) {
                try (DatagramSocket client = client(address.getAddress())) {
                    send(client, "hello", address);
                    for (int s = 0; s < 2; s++) {
                        heard[s] |= !heard[s] && server(sockets, s).receive(batch) > 0;
                    }
                }
            }
            assertTrue(heard[0] && heard[1], Arrays.toString(heard));
            LinuxException taken = assertThrows(LinuxException.class, () -> AnsweringSocket.bind(address, 2, SMALL));
            assertTrue(taken.is(Errno.EADDRINUSE), taken::getMessage);
        } finally {
            sockets.forEach(AnsweringSocket::close);
        }
    }

    @Test
    void shouldTellEachAnswerThatTheKernelRefuses() throws Exception {
        try (AnsweringSocket server = one(loopback(0));
                DatagramSocket client = client(loopback(0).getAddress())) {
            AnswerBatch huge = new AnswerBatch(SLOTS, 70_000);
            send(client, "a", server.address());
            assertEquals(1, server.receive(huge));
            huge.answer(0, new byte[70_000], 70_000);
            List<Integer> refused = new ArrayList<>();
            server.answer(huge, refused::add);
            assertEquals(List.of(Errno.EMSGSIZE.number()), refused);
        }
    }

    @Test
    void shouldCountWhatTheKernelDrops() throws Exception {
        try (AnsweringSocket server = one(loopback(0));
                DatagramSocket client = client(loopback(0).getAddress())) {
            assertEquals(0, server.dropped());
            for (int i = 0; i < 1000; i++) {
                send(client, "x".repeat(1000), server.address());
            }
            assertTrue(server.dropped() > 0 && server.dropped() < 1000, () -> server.dropped() + " of 1000");
        }
    }

    @Test
    void shouldTakeOverASocketThatIsBoundAlready() throws Exception {
        Descriptor bound = new UdpBinding(Constants.O_NONBLOCK, false, false).open(loopback(0), SMALL);
        try (AnsweringSocket server = AnsweringSocket.inherited(bound.number());
                DatagramSocket client = client(loopback(0).getAddress())) {
            assertEquals(UdpBinding.address(bound), server.address());
            send(client, "hello", server.address());
            assertEquals(1, server.receive(batch));
        }
    }

    @Test
    void shouldSayThatAnInheritedDescriptorIsNoUdpSocket() {
        LinuxException none = assertThrows(LinuxException.class, () -> AnsweringSocket.inherited(987_654));
        assertTrue(
                none.getMessage().matches("File descriptor 987654 is no UDP socket \\(.*bad file descriptor.*"),
                none::getMessage);
        int tcp = Libc.socket(Constants.AF_INET, Constants.SOCK_STREAM | Constants.O_CLOEXEC, 0);
        try {
            LinuxException stream = assertThrows(LinuxException.class, () -> AnsweringSocket.inherited(tcp));
            assertTrue(stream.getMessage().contains("ListenDatagram="), stream::getMessage);
        } finally {
            Libc.close(tcp);
        }
    }

    @Test
    void shouldSayThatItIsClosed() throws Exception {
        AnsweringSocket server = one(loopback(0));
        server.close();
        assertThrows(LinuxException.class, () -> server.receive(batch));
    }

    private record Heard(String word, InetSocketAddress from) {}

    private static AnsweringSocket server(List<AnsweringSocket> sockets, int index) {
        return sockets.get(index);
    }

    private static void fail(int errno) {
        throw new AssertionError(Errno.describe(errno));
    }

    private static AnsweringSocket one(InetSocketAddress address) throws LinuxException {
        return AnsweringSocket.bind(address, 1, SMALL).getFirst();
    }

    private static InetSocketAddress loopback(int port) {
        return new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), port);
    }

    private static DatagramSocket client(InetAddress address) throws IOException {
        DatagramSocket socket = new DatagramSocket(0, address);
        socket.setSoTimeout(10_000);
        return socket;
    }

    private static void send(DatagramSocket client, String word, InetSocketAddress to) throws IOException {
        byte[] bytes = word.getBytes(StandardCharsets.US_ASCII);
        client.send(new DatagramPacket(bytes, bytes.length, to));
    }

    private static Heard receive(DatagramSocket client) throws IOException {
        DatagramPacket packet = new DatagramPacket(new byte[100], 100);
        client.receive(packet);
        return new Heard(
                new String(packet.getData(), 0, packet.getLength(), StandardCharsets.US_ASCII),
                (InetSocketAddress) packet.getSocketAddress());
    }
}
