package dev.warren.platform.linux;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import dev.warren.protocol.testing.Requirements;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(30)
class UdpSocketTest {
    private static final UdpSocket.Refused NONE_REFUSED = (to, errno) -> fail(to + ": " + Errno.describe(errno));

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "::1"})
    void shouldCarryABatchInOrder(String ip) throws LinuxException {
        try (UdpSocket sender = UdpSocket.bind(address(ip, 0), UdpOptions.DEFAULT);
                UdpSocket receiver = UdpSocket.bind(address(ip, 0), UdpOptions.DEFAULT)) {
            SendBatch batch = new SendBatch(8, 100);
            for (int i = 0; i < 8; i++) {
                assertTrue(batch.add(address(ip, receiver.port()), new byte[] {9, (byte) i, 9}, 1, 1));
            }
            assertTrue(batch.isFull());
            assertTrue(sender.send(batch, NONE_REFUSED));
            assertEquals(0, batch.size());

            ReceiveBatch received = new ReceiveBatch(8, 100);
            assertEquals(8, receive(receiver, received));
            for (int i = 0; i < 8; i++) {
                assertEquals(address(ip, sender.port()), received.source(i));
                assertEquals(1, received.length(i));
                byte[] target = new byte[3];
                received.copy(i, target, 2);
                assertArrayEquals(new byte[] {0, 0, (byte) i}, target);
            }
            assertSame(received.source(0), received.source(7));
            assertEquals(0, receiver.receive(received));
        }
    }

    @Test
    void shouldRefuseWhatDoesNotFitTheBatch() {
        SendBatch batch = new SendBatch(1, 10);
        InetSocketAddress to = address("127.0.0.1", 9);
        assertFalse(batch.add(to, new byte[11], 0, 11));
        assertTrue(batch.add(to, new byte[11], 0, 10));
        assertFalse(batch.add(to, new byte[11], 0, 1));
        batch.clear();
        assertEquals(0, batch.size());
        assertTrue(batch.add(to, new byte[0], 0, 0));
    }

    @Test
    void shouldDropAndCountADatagramLongerThanASlot() throws LinuxException {
        try (UdpSocket socket = UdpSocket.bind(address("127.0.0.1", 0), UdpOptions.DEFAULT)) {
            SendBatch batch = new SendBatch(2, 100);
            batch.add(address("127.0.0.1", socket.port()), new byte[100], 0, 51);
            batch.add(address("127.0.0.1", socket.port()), new byte[100], 0, 50);
            socket.send(batch, NONE_REFUSED);
            ReceiveBatch received = new ReceiveBatch(4, 50);
            assertEquals(2, receive(socket, received));
            assertEquals(-1, received.length(0));
            assertEquals(50, received.length(1));
            assertEquals(1, received.truncated());
        }
    }

    @Test
    void shouldTellEachRefusedDatagramAndSendTheOthers() throws LinuxException {
        List<String> refused = new ArrayList<>();
        try (UdpSocket socket = UdpSocket.bind(address("127.0.0.1", 0), UdpOptions.DEFAULT)) {
            SendBatch batch = new SendBatch(4, 66_000);
            // A socket bound to the loopback address has no way to the world, and UDP ends at 65507 bytes.
            batch.add(address("192.0.2.1", 1), new byte[1], 0, 1);
            batch.add(address("127.0.0.1", socket.port()), new byte[1], 0, 1);
            batch.add(address("127.0.0.1", socket.port()), new byte[66_000], 0, 65_508);
            batch.add(address("127.0.0.1", socket.port()), new byte[2], 0, 2);
            assertTrue(socket.send(batch, (to, errno) -> refused.add(to.getPort() + " " + Errno.of(errno))));

            assertEquals(2, refused.size(), refused.toString());
            assertTrue(refused.getFirst().startsWith("1 E"), refused.toString());
            assertEquals(socket.port() + " EMSGSIZE", refused.getLast());
            ReceiveBatch received = new ReceiveBatch(4, 100);
            assertEquals(2, receive(socket, received));
            assertEquals(1, received.length(0));
            assertEquals(2, received.length(1));
        }
    }

    @Test
    void shouldSurviveAPortUnreachable() throws LinuxException {
        try (UdpSocket socket = UdpSocket.bind(address("127.0.0.1", 0), UdpOptions.DEFAULT)) {
            int closedPort;
            try (UdpSocket other = UdpSocket.bind(address("127.0.0.1", 0), UdpOptions.DEFAULT)) {
                closedPort = other.port();
            }
            SendBatch batch = new SendBatch(2, 100);
            for (int i = 0; i < 3; i++) {
                batch.add(address("127.0.0.1", closedPort), new byte[1], 0, 1);
                assertTrue(socket.send(batch, NONE_REFUSED));
            }
            batch.add(address("127.0.0.1", socket.port()), new byte[3], 0, 3);
            assertTrue(socket.send(batch, NONE_REFUSED));
            ReceiveBatch received = new ReceiveBatch(4, 100);
            assertEquals(1, receive(socket, received));
            assertEquals(3, received.length(0));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "::1"})
    void shouldTalkToOneRemoteOnlyWhenConnected(String ip) throws LinuxException {
        String any = ip.equals("::1") ? "::" : "0.0.0.0";
        try (UdpSocket socket = UdpSocket.bind(address(any, 0), UdpOptions.DEFAULT);
                UdpSocket remote = UdpSocket.bind(address(ip, 0), UdpOptions.DEFAULT);
                UdpSocket stranger = UdpSocket.bind(address(ip, 0), UdpOptions.DEFAULT)) {
            assertEquals(address(ip, socket.port()), socket.connect(address(ip, remote.port())));
            SendBatch batch = new SendBatch(4, 100);
            batch.add(address(ip, socket.port()), new byte[1], 0, 1);
            assertTrue(stranger.send(batch, NONE_REFUSED));
            batch.add(new byte[] {7, 8, 9}, 1, 2);
            assertTrue(socket.send(batch, NONE_REFUSED));

            ReceiveBatch received = new ReceiveBatch(4, 100);
            assertEquals(1, receive(remote, received));
            assertEquals(address(ip, socket.port()), received.source(0));
            assertEquals(2, received.length(0));
            assertEquals(0, remote.receiveError());
            assertEquals(0, socket.receive(received));
            assertEquals(Errno.EAGAIN.number(), socket.receiveError());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "::1"})
    void shouldCutALongDatagramIntoATrain(String ip) throws LinuxException {
        try (UdpSocket socket = UdpSocket.bind(address(ip, 0), UdpOptions.DEFAULT);
                UdpSocket remote = UdpSocket.bind(address(ip, 0), UdpOptions.DEFAULT)) {
            socket.setSegment(40);
            SendBatch batch = new SendBatch(1, 100);
            byte[] train = new byte[100];
            train[40] = 1;
            train[80] = 2;
            batch.add(address(ip, remote.port()), train, 0, train.length);
            assertTrue(socket.send(batch, NONE_REFUSED));

            ReceiveBatch received = new ReceiveBatch(4, 100);
            assertEquals(3, receive(remote, received));
            for (int i = 0; i < 3; i++) {
                byte[] target = new byte[40];
                received.copy(i, target, 0);
                assertEquals(i, target[0]);
                assertEquals(i < 2 ? 40 : 20, received.length(i));
            }
            assertThrows(LinuxException.class, () -> socket.setSegment(-1));
        }
    }

    @Test
    void shouldTellAConnectedSocketThatThePortIsClosed() throws LinuxException {
        List<String> refused = new ArrayList<>();
        try (UdpSocket socket = UdpSocket.bind(address("127.0.0.1", 0), UdpOptions.DEFAULT)) {
            InetSocketAddress closed;
            try (UdpSocket other = UdpSocket.bind(address("127.0.0.1", 0), UdpOptions.DEFAULT)) {
                closed = address("127.0.0.1", other.port());
            }
            socket.connect(closed);
            SendBatch batch = new SendBatch(1, 100);
            batch.add(new byte[1], 0, 1);
            assertTrue(socket.send(batch, NONE_REFUSED));
            assertEquals(0, socket.receive(new ReceiveBatch(1, 100)));
            assertEquals(Errno.ECONNREFUSED.number(), socket.receiveError());

            batch.add(new byte[1], 0, 1);
            assertTrue(socket.send(batch, NONE_REFUSED));
            batch.add(new byte[1], 0, 1);
            assertTrue(socket.send(batch, (to, errno) -> refused.add(to + " " + Errno.of(errno))));
            assertEquals(List.of(closed + " ECONNREFUSED"), refused);
        }
    }

    @Test
    void shouldHoldOnePortForBothFamilies() throws LinuxException {
        try (UdpPair pair = UdpPair.open(0, UdpOptions.DEFAULT)) {
            assertTrue(pair.port() > 0);
            UdpSocket six = pair.ipv6();
            assertNotNull(six, "this machine has IPv6");
            assertEquals(pair.port(), six.port());

            LinuxException thrown =
                    assertThrows(LinuxException.class, () -> UdpPair.open(pair.port(), UdpOptions.DEFAULT));
            assertEquals(
                    "UDP port " + pair.port() + " is in use by another program: stop that one, or choose another port.",
                    thrown.getMessage());
        }
    }

    @Test
    void shouldLeaveNothingOpenWhenOnlyOneFamilyIsFree() throws LinuxException {
        try (UdpSocket six = UdpSocket.bind(address("::", 0), UdpOptions.DEFAULT)) {
            assertThrows(LinuxException.class, () -> UdpPair.open(six.port(), UdpOptions.DEFAULT));
            UdpSocket.bind(address("0.0.0.0", six.port()), UdpOptions.DEFAULT).close();
        }
    }

    @Test
    void shouldNameAnAddressThatTheMachineDoesNotHave() {
        LinuxException thrown =
                assertThrows(LinuxException.class, () -> UdpSocket.bind(address("192.0.2.1", 0), UdpOptions.DEFAULT));
        assertEquals("This machine does not have the address 192.0.2.1.", thrown.getMessage());
    }

    @Test
    void shouldGetTheBuffersItAskedForOrTheMachinesLimit() throws IOException {
        // Beyond the limit only the machine's own root may go, not a user namespace's. The kernel doubles what it
        // grants.
        int limit;
        // Files.readString asks for a single byte first, and a sysctl answers only once.
        try (BufferedReader reader = Files.newBufferedReader(Path.of("/proc/sys/net/core/rmem_max"))) {
            limit = Integer.parseInt(reader.readLine());
        }
        int asked = UdpOptions.DEFAULT.receiveBufferBytes();
        try (UdpSocket socket = UdpSocket.bind(address("127.0.0.1", 0), UdpOptions.DEFAULT)) {
            int granted = socket.receiveBufferBytes();
            assertTrue(
                    granted == 2 * asked || granted == 2 * Math.min(asked, limit),
                    granted + " bytes; asked " + asked + ", limit " + limit);
        }
    }

    @Test
    void shouldSetAndClearTheFirewallMark() throws IOException {
        Requirements.root();
        try (NetworkNamespace namespace = NetworkNamespace.create();
                UdpPair pair = namespace.call(() -> UdpPair.open(0, new UdpOptions(1 << 16, 1 << 16, 51820)))) {
            assertEquals(51820, pair.ipv4().mark());
            pair.setMark(-1);
            assertEquals(-1, pair.ipv4().mark());
            pair.setMark(0);
            assertEquals(0, pair.ipv4().mark());
        }
    }

    @Test
    void shouldReportABlockedDatagramInANamespaceWithoutAWay() throws IOException {
        Requirements.root();
        try (NetworkNamespace namespace = NetworkNamespace.create();
                UdpSocket socket = namespace.call(() -> UdpSocket.bind(address("0.0.0.0", 0), UdpOptions.DEFAULT))) {
            SendBatch batch = new SendBatch(1, 100);
            batch.add(address("192.0.2.1", 9), new byte[1], 0, 1);
            List<Integer> errors = new ArrayList<>();
            assertTrue(socket.send(batch, (to, errno) -> errors.add(errno)));
            assertEquals(List.of(Errno.ENETUNREACH.number()), errors);
        }
    }

    @Test
    void shouldSayThatItIsClosed() throws LinuxException {
        UdpSocket socket = UdpSocket.bind(address("127.0.0.1", 0), UdpOptions.DEFAULT);
        socket.close();
        assertThrows(LinuxException.class, () -> socket.receive(new ReceiveBatch(1, 100)));
        SendBatch batch = new SendBatch(1, 100);
        batch.add(address("127.0.0.1", 9), new byte[1], 0, 1);
        assertThrows(LinuxException.class, () -> socket.send(batch, NONE_REFUSED));
    }

    @Test
    void shouldKeepWhatTheSocketsBufferCanNotTake() throws IOException, InterruptedException {
        Requirements.root();
        Requirements.program("ip", "tc");
        try (NetworkNamespace namespace = NetworkNamespace.create()) {
            // A slow loopback, on which datagrams stay in the sender's account for a while.
            Commands.in(namespace, "ip link set lo up");
            Commands.in(namespace, "tc qdisc add dev lo root tbf rate 800kbit burst 2000 limit 100000");
            try (UdpSocket sender = namespace.call(
                            () -> UdpSocket.bind(address("127.0.0.1", 0), new UdpOptions(1 << 16, 4096, 0)));
                    UdpSocket receiver =
                            namespace.call(() -> UdpSocket.bind(address("127.0.0.1", 0), UdpOptions.DEFAULT));
                    Poller poller = Poller.open()) {
                SendBatch batch = new SendBatch(20, 1000);
                while (batch.add(address("127.0.0.1", receiver.port()), new byte[1000], 0, 1000)) {}
                assertFalse(sender.send(batch, NONE_REFUSED));
                assertTrue(batch.size() > 0);

                poller.add(sender.descriptor(), 0, false, true);
                while (!sender.send(batch, NONE_REFUSED)) {
                    assertEquals(1, poller.await(Poller.NEVER));
                    assertTrue(poller.isWritable(0));
                }
                ReceiveBatch received = new ReceiveBatch(20, 1000);
                for (int arrived = 0; arrived < 20; ) {
                    arrived += receive(receiver, received);
                }
            }
        }
    }

    /** Waits until something is there, then reads it. */
    private static int receive(UdpSocket socket, ReceiveBatch batch) throws LinuxException {
        try (Poller poller = Poller.open()) {
            poller.add(socket.descriptor(), 0, true, false);
            poller.await(Poller.NEVER);
            return socket.receive(batch);
        }
    }

    private static InetSocketAddress address(String ip, int port) {
        return new InetSocketAddress(InetAddress.ofLiteral(ip), port);
    }
}
