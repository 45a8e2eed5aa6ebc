package dev.warren.platform.linux;

import static dev.warren.platform.linux.TrainRoom.NONE_REFUSED;
import static dev.warren.platform.linux.TrainRoom.at;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.protocol.testing.Requirements;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the kernel refuses, and what becomes of it; in a namespace with an interface of its own. */
@Timeout(value = 30, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class GsoRefusalTest {
    private static final int SO_NO_CHECK = 11;
    private static final int IP_MTU_DISCOVER = 10;
    private static final int IP_PMTUDISC_DO = 2;
    private static final int IPPROTO_UDPLITE = 136;
    private static final UdpFeatures GRO = new UdpFeatures(true, false, false);

    private final NetworkNamespace namespace;
    private final List<String> told = new ArrayList<>();
    private final UdpSocket.Refused teller = new UdpSocket.Refused() {
        @Override
        public void refused(InetSocketAddress destination, int errno) {
            told.add("datagram " + Errno.of(errno));
        }

        @Override
        public void trainRefused(InetSocketAddress destination, int segmentBytes) {
            told.add("train of " + segmentBytes);
        }

        @Override
        public void trainsRefused(InetSocketAddress destination) {
            told.add("all trains");
        }

        @Override
        public void sourceRefused(InetSocketAddress destination, LocalSource source) {
            told.add("source " + source.address().getHostAddress());
        }
    };

    GsoRefusalTest() throws IOException, InterruptedException {
        Requirements.root();
        Requirements.program("ip", "tc");
        namespace = NetworkNamespace.create();
        Commands.in(namespace, "ip link set lo mtu 1400 up");
    }

    @AfterEach
    void close() {
        namespace.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "::1"})
    void shouldSendATrainSinglyThatIsTooLongForTheWay(String ip) throws IOException {
        try (TrainRoom room = room(ip, GRO)) {
            GsoBatch batch = new GsoBatch(64, 0, true);
            addTrain(batch, room, null, 5, 1452);
            assertEquals(1, batch.size());
            assertTrue(room.sender.send(batch, teller));
            assertEquals(Collections.nCopies(5, 1452), room.receivePattern(5, 0));
            assertEquals(List.of("train of 1452"), told);

            // From now on none is built that long; shorter ones are, and long ones to others.
            addTrain(batch, room, null, 5, 1452);
            assertEquals(5, batch.size());
            addTrain(batch, room, null, 5, 1300);
            assertEquals(6, batch.size());
            batch.clear();
            InetSocketAddress other = at(ip, 9);
            batch.add(other, null, 0, room.memory, 0, 1452);
            batch.add(other, null, 0, room.memory, 1452, 1452);
            assertEquals(1, batch.size());
            batch.clear();
            addTrain(batch, room, null, 5, 1300);
            assertTrue(room.sender.send(batch, NONE_REFUSED));
            assertEquals(Collections.nCopies(5, 1300), room.receivePattern(5, 0));

            batch.forgetLimits(true);
            addTrain(batch, room, null, 5, 1452);
            assertEquals(1, batch.size());

            batch.clear();
            batch.forgetLimits(false);
            addTrain(batch, room, null, 5, 1452);
            assertEquals(5, batch.size());
        }
    }

    @Test
    void shouldNotTryTheOthersThatWaitForTheSameWay() throws IOException {
        try (TrainRoom room = room("127.0.0.1", UdpFeatures.NONE)) {
            GsoBatch batch = new GsoBatch(8, 0, true);
            for (int i = 0; i < 3; i++) {
                addTrain(batch, room, null, 2, 1500);
                batch.add(room.destination, null, 0, room.memory, 3000, 1000);
                batch.add(at("127.0.0.1", 9), null, 0, room.memory, 0, 10);
            }
            assertEquals(6, batch.size());
            assertTrue(room.sender.send(batch, teller));
            assertEquals(List.of("train of 1500"), told);
            List<Integer> lengths = new ArrayList<>();
            while (lengths.size() < 9) {
                int count = room.receive();
                for (int i = 0; i < count; i++) {
                    lengths.add(room.received.length(i));
                }
            }
            assertEquals(List.of(1500, 1500, 1000, 1500, 1500, 1000, 1500, 1500, 1000), lengths);
        }
    }

    @Test
    void shouldSendATrainSinglyThatTheKernelCallsInvalid() throws IOException {
        try (TrainRoom room = room("127.0.0.1", UdpFeatures.NONE)) {
            // Kernels before 6.14 say EINVAL of a long train; any kernel says it of one from a socket without sums.
            setOption(room.sender, Constants.SOL_SOCKET, SO_NO_CHECK, 1);
            GsoBatch batch = new GsoBatch(8, 0, true);
            addTrain(batch, room, null, 3, 100);
            assertTrue(room.sender.send(batch, teller));
            assertEquals(List.of(100, 100, 100), room.receivePattern(3, 0));
            assertEquals(List.of("train of 100"), told);
        }
    }

    @Test
    void shouldTellEachDatagramOfATrainThatCanNotGoAtAll() throws IOException {
        try (TrainRoom room = room("127.0.0.1", UdpFeatures.NONE)) {
            setOption(room.sender, Constants.IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_DO);
            GsoBatch batch = new GsoBatch(8, 0, true);
            addTrain(batch, room, null, 2, 1452);
            batch.add(room.destination, null, 0, room.memory, 2 * 1452, 100); // the train's last one fits
            assertEquals(1, batch.size());
            assertTrue(room.sender.send(batch, teller));
            assertEquals(List.of("datagram EMSGSIZE", "datagram EMSGSIZE", "train of 1452"), told);
            assertEquals(List.of(100), room.receivePattern(1, 2 * 1452));

            told.clear();
            InetSocketAddress nowhere = at("192.0.2.1", 9);
            batch.add(nowhere, null, 0, room.memory, 0, 100);
            batch.add(nowhere, null, 0, room.memory, 100, 100);
            batch.add(room.destination, null, 0, room.memory, 0, 50);
            assertTrue(room.sender.send(batch, teller));
            assertEquals(Collections.nCopies(2, told.getFirst()), told);
            assertTrue(told.getFirst().startsWith("datagram E"), told.toString());
            assertEquals(List.of(50), room.receivePattern(1, 0));
        }
    }

    @ParameterizedTest
    @CsvSource({"127.0.0.1, 192.0.2.9, 0", "::1, 2001:db8::9, 0", "127.0.0.1, 127.0.0.1, 99", "::1, ::1, 99"})
    void shouldSendWithoutASourceThatIsGone(String ip, String source, int index) throws IOException {
        try (TrainRoom room = room(ip, GRO)) {
            GsoBatch batch = new GsoBatch(8, 0, true);
            LocalSource gone = new LocalSource(InetAddress.ofLiteral(source), index);
            batch.add(room.destination, gone, 0x88, room.memory, 0, 77);
            assertTrue(room.sender.send(batch, teller));
            assertEquals(List.of(77), room.receivePattern(1, 0));
            assertEquals(at(ip, room.sender.port()), room.received.source(0));
            assertEquals(List.of("source " + gone.address().getHostAddress()), told);

            // A train is refused with the same number: it stays a train, as that was not the reason.
            told.clear();
            addTrain(batch, room, gone, 4, 1000);
            assertEquals(1, batch.size());
            assertTrue(room.sender.send(batch, teller));
            assertEquals(1, room.receive());
            assertEquals(4000, room.received.length(0));
            assertEquals(1000, room.received.segmentBytes(0));
            assertEquals(List.of("source " + gone.address().getHostAddress()), told);
        }
    }

    @Test
    void shouldTellOfTheSourceAndOfTheTrainWhenBothAreRefused() throws IOException {
        try (TrainRoom room = room("127.0.0.1", UdpFeatures.NONE)) {
            GsoBatch batch = new GsoBatch(8, 0, true);
            addTrain(batch, room, new LocalSource(InetAddress.ofLiteral("192.0.2.9"), 0), 3, 1452);
            assertTrue(room.sender.send(batch, teller));
            assertEquals(List.of(1452, 1452, 1452), room.receivePattern(3, 0));
            assertEquals(List.of("source 192.0.2.9", "train of 1452"), told);
        }
    }

    @Test
    void shouldSendSinglyWhenTheKernelTakesNoTrains() throws IOException {
        try (TrainRoom room = room("127.0.0.1", GRO)) {
            GsoBatch batch = new GsoBatch(8, 0, true);
            addTrain(batch, room, null, 3, 100);
            batch.refuseGso();
            assertFalse(batch.isGso());
            assertTrue(room.sender.send(batch, NONE_REFUSED));
            assertEquals(List.of(100, 100, 100), room.receivePattern(3, 0));
            addTrain(batch, room, null, 3, 100);
            assertEquals(3, batch.size());
        }
    }

    /** A socket of UDP-Lite (RFC 3828) sends no trains: the kernel says EIO, as it does where a device can't make sums. */
    @Test
    void shouldSendSinglyFromWhenTheKernelSaysThatItTakesNoTrains() throws IOException {
        try (TrainRoom room = room("127.0.0.1", UdpFeatures.NONE)) {
            replaceByUdpLite(room.sender, 0);
            replaceByUdpLite(room.receiver, room.destination.getPort());
            GsoBatch batch = new GsoBatch(8, 0, true);
            addTrain(batch, room, null, 3, 100);
            batch.add(at("127.0.0.1", 9), null, 0, room.memory, 0, 10);
            assertEquals(2, batch.size());
            assertTrue(room.sender.send(batch, teller));
            assertEquals(List.of(100, 100, 100), room.receivePattern(3, 0));
            assertEquals(List.of("all trains"), told);
            assertFalse(batch.isGso());
            addTrain(batch, room, null, 3, 100);
            assertEquals(3, batch.size());
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1000, 1452})
    void shouldKeepWhatTheSocketsBufferCanNotTakeAndGoOnThere(int bytes) throws IOException, InterruptedException {
        // A slow loopback, on which datagrams stay in the sender's account for a while; 1452 goes out singly.
        Commands.in(namespace, "tc qdisc add dev lo root tbf rate 8mbit burst 2000 limit 1000000");
        try (TrainRoom room = room("127.0.0.1", UdpFeatures.NONE);
                Poller poller = Poller.open()) {
            setOption(room.sender, Constants.SOL_SOCKET, Constants.SO_SNDBUF, 4096);
            GsoBatch batch = new GsoBatch(64, 0, true);
            addTrain(batch, room, null, 40, bytes);
            boolean isGone = room.sender.send(batch, teller); // the longer ones stop halfway
            for (int i = 40; i < 80; i++) {
                assertTrue(batch.add(room.destination, null, 0, room.memory, (long) i * bytes, bytes));
            }
            poller.add(room.sender.descriptor(), 0, false, true);
            int waits = 0;
            while (!room.sender.send(batch, teller)) {
                TrainRoom.await(poller);
                waits++;
            }
            assertTrue(waits > 0, "the first part went at once: " + isGone);
            assertEquals(Collections.nCopies(80, bytes), room.receivePattern(80, 0));
            assertEquals(bytes > 1400 ? List.of("train of 1452") : List.of(), told);
        }
    }

    @Test
    void shouldSayThatTheSocketIsClosed() throws IOException {
        try (TrainRoom room = room("127.0.0.1", UdpFeatures.NONE)) {
            GsoBatch batch = new GsoBatch(8, 0, true);
            addTrain(batch, room, null, 3, 100);
            room.sender.close();
            room.receiver.close();
            assertThrows(LinuxException.class, () -> room.sender.send(batch, NONE_REFUSED));
            assertThrows(LinuxException.class, () -> room.receiver.receive(room.received));
        }
    }

    private static void addTrain(
            GsoBatch batch, TrainRoom room, @Nullable LocalSource source, int datagrams, int bytes) {
        for (int i = 0; i < datagrams; i++) {
            assertTrue(batch.add(room.destination, source, 0, room.memory, (long) i * bytes, bytes));
        }
    }

    private TrainRoom room(String ip, UdpFeatures features) throws IOException {
        return namespace.call(() -> new TrainRoom(ip, ip, features));
    }

    private void replaceByUdpLite(UdpSocket socket, int port) throws IOException {
        int lite = namespace.call(() -> LinuxException.check(
                Libc.socket(Constants.AF_INET, Constants.SOCK_DGRAM | Constants.O_NONBLOCK, IPPROTO_UDPLITE),
                "open a socket"));
        try (Descriptor descriptor = new Descriptor(lite);
                Arena arena = Arena.ofConfined()) {
            MemorySegment name = arena.allocate(SocketAddresses.BYTES, 8);
            int length = SocketAddresses.write(at("127.0.0.1", port), name, 0);
            LinuxException.check(Libc.bind(descriptor.number(), name, length), "bind");
            LinuxException.check(Libc.dup2(descriptor.number(), socket.descriptor()), "replace a socket");
        }
    }

    private static void setOption(UdpSocket socket, int level, int name, int value) throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            LinuxException.check(
                    Libc.setsockopt(socket.descriptor(), level, name, Libc.intIn(arena, value), Integer.BYTES),
                    "set an option");
        }
    }
}
