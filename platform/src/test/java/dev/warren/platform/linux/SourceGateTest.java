package dev.warren.platform.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import dev.warren.protocol.testing.Requirements;
import java.lang.foreign.Arena;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** In the kernel, on loopback: 127.0.0.0/8 is 256 networks of /16. Needs CAP_BPF, as the gate does. */
@Timeout(20)
class SourceGateTest {
    /** Longer than any test, and less than what has gone since the machine started: before that, nobody was at rest. */
    private static final long LONG = Math.min(TimeUnit.MINUTES.toNanos(10), Clock.bootTimeNanos() / 2);

    private static final int WIDE_PLACES = 1024;

    private static final int NARROW_PLACES = 512;
    /** In a second, which a test does not take. */
    private static final int FEW = 1;

    @Test
    void shouldLetTheFirstOfEachNetworkThroughAndFewOthers() throws LinuxException {
        try (Guarded guarded = Guarded.open("127.0.0.1", limits(LONG, FEW, 3))) {
            for (int i = 0; i < 200; i++) {
                guarded.sendFrom("127.0.0.1");
            }
            // Three for the /16, one for the /24, four others: of a burst of three, one is under way.
            assertEquals(8, guarded.receive());
            assertEquals(192, guarded.gate.turnedAway());
            guarded.sendFrom("127.0.9.1");
            assertEquals(1, guarded.receive(), "another /24 of the same /16");
            guarded.sendFrom("127.9.0.1");
            assertEquals(1, guarded.receive(), "another /16");
            guarded.sendFrom("127.0.9.2");
            assertEquals(0, guarded.receive(), "heard of already");
        }
    }

    @Test
    void shouldGiveAFloodNoMorePlacesThanItHasNetworks() throws LinuxException {
        try (Guarded guarded = Guarded.open("127.0.0.1", limits(LONG, FEW, 1))) {
            int received = 0;
            for (int i = 0; i < 100; i++) {
                guarded.sendFrom("127.1." + i + ".1");
                guarded.sendFrom("127.1." + i + ".2");
                received += guarded.receive();
            }
            assertTrue(received > 80 && received <= 104, received + " of 200");
            guarded.sendFrom("127.2.0.1");
            guarded.sendFrom("127.3.0.1");
            guarded.sendFrom("127.4.0.1");
            assertTrue(guarded.receive() >= 2, "strangers find no place");
        }
    }

    /** With one hash for all of its places, a network would lose them all to the same one of the flood. */
    @Test
    void shouldSeldomLoseANetworkToThoseOfAFlood() throws LinuxException {
        SourceGate.Limits limits =
                new SourceGate.Limits(WIDE_PLACES, 1, LONG, 16, new SourceGate.Rate(1, 3), new SourceGate.Rate(FEW, 0));
        try (Guarded guarded = Guarded.open("127.0.0.1", limits)) {
            for (int i = 0; i < 128; i++) {
                for (int each = 0; each < 4; each++) {
                    guarded.sendFrom("127." + i + ".0.1");
                }
                guarded.receive();
            }
            int received = 0;
            for (int i = 128; i < 256; i++) {
                guarded.sendFrom("127." + i + ".0.1");
                received += guarded.receive();
            }
            assertTrue(received >= 124, received + " of 128 were let through"); // with one hash 116
        }
    }

    @Test
    void shouldForgetANetworkAfterItsRest() throws LinuxException, InterruptedException {
        try (Guarded guarded = Guarded.open("127.0.0.1", limits(1_000_000, FEW, 0))) {
            guarded.sendFrom("127.0.0.1");
            assertEquals(1, guarded.receive());
            Thread.sleep(2);
            guarded.sendFrom("127.0.0.1");
            assertEquals(1, guarded.receive());
        }
    }

    @Test
    void shouldLetOthersThroughAtTheirRate() throws LinuxException {
        try (Guarded guarded = Guarded.open("::1", limits(LONG, 1_000_000, 1_000_000))) {
            for (int i = 0; i < 50; i++) {
                guarded.sendFrom("::1");
            }
            assertEquals(50, guarded.receive());
            assertEquals(0, guarded.gate.turnedAway());
        }
    }

    @Test
    void shouldJudgeIpv6() throws LinuxException {
        try (Guarded guarded = Guarded.open("::1", limits(LONG, FEW, 0))) {
            for (int i = 0; i < 50; i++) {
                guarded.sendFrom("::1");
            }
            assertEquals(5, guarded.receive(), "the first three of a /32, the first of a /56, and one other");
            assertEquals(45, guarded.gate.turnedAway());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "::1"})
    void shouldLetWhoIsExpectedThroughAtItsOwnRate(String source) throws LinuxException {
        try (Guarded guarded = Guarded.open(source, limits(LONG, FEW, 0))) {
            for (int i = 0; i < 50; i++) {
                guarded.sendFrom(source);
            }
            assertTrue(
                    guarded.receive() <= 5 + 2,
                    "the first three of a wide network, the first of a narrow one, and others");
            guarded.gate.expect(4711);
            guarded.sendFrom(source);
            assertTrue(guarded.receive() <= 1, "another source");
            guarded.gate.expect(number(source));
            for (int i = 0; i < 50; i++) {
                guarded.sendFrom(source);
            }
            int expected = guarded.receive();
            assertTrue(expected >= 4 && expected <= 10, expected + " of 50");
            guarded.gate.expect(number(source));
            guarded.sendFrom(source);
            assertTrue(guarded.receive() <= 1, "to be expected again is no new start");
        }
    }

    @Test
    void shouldSayWhyThereIsNone() throws LinuxException {
        Descriptor closed = new Descriptor(-1);
        assertThrows(LinuxException.class, () -> SourceGate.before(closed, false, limits(1, 1, 1), 1));
        assertTrue(Bpf.read(-1, 0) < 0);
    }

    @Test
    void shouldRefuseALabelThatIsNotAhead() {
        try (Arena arena = Arena.ofConfined()) {
            BpfCode back = new BpfCode().label("back").jump(BpfCode.IF_EQUAL, 0, 0, "back");
            assertThrows(IllegalStateException.class, () -> back.in(arena));
            BpfCode nowhere = new BpfCode().jump(BpfCode.IF_EQUAL, 0, 0, "nowhere");
            assertThrows(IllegalStateException.class, () -> nowhere.in(arena));
        }
    }

    private static long number(String address) {
        ByteBuffer bytes = ByteBuffer.wrap(InetAddress.ofLiteral(address).getAddress());
        return address.contains(":") ? bytes.getLong() : bytes.getInt();
    }

    private static SourceGate.Limits limits(long restNanos, int othersPerSecond, int othersAtOnce) {
        return new SourceGate.Limits(
                WIDE_PLACES,
                NARROW_PLACES,
                restNanos,
                16,
                new SourceGate.Rate(1, 3),
                new SourceGate.Rate(othersPerSecond, othersAtOnce));
    }

    /** A guarded socket and who sends to it. */
    private record Guarded(UdpSocket socket, SourceGate gate) implements AutoCloseable {
        static Guarded open(String address, SourceGate.Limits limits) throws LinuxException {
            UdpSocket socket = UdpSocket.bind(at(address, 0), UdpOptions.DEFAULT);
            try {
                return new Guarded(socket, socket.guard(limits, 4711));
            } catch (LinuxException refused) {
                socket.close();
                if (refused.is(Errno.EPERM)) {
                    Requirements.none(Optional.of("this test needs CAP_BPF: " + refused.getMessage()));
                }
                throw refused;
            }
        }

        void sendFrom(String source) throws LinuxException {
            try (UdpSocket sender = UdpSocket.bind(at(source, 0), UdpOptions.DEFAULT)) {
                SendBatch batch = new SendBatch(1, 148);
                String target = source.contains(":") ? "::1" : "127.0.0.1";
                batch.add(at(target, socket.port()), new byte[148], 0, 148);
                sender.send(batch, (_, errno) -> fail(Errno.describe(errno)));
            }
        }

        int receive() throws LinuxException {
            return socket.receive(new GroBatch(256, 256));
        }

        @Override
        public void close() {
            gate.close();
            socket.close();
        }

        private static InetSocketAddress at(String address, int port) {
            return new InetSocketAddress(InetAddress.ofLiteral(address), port);
        }
    }
}
