package dev.warren.stun;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.platform.config.UserError;
import dev.warren.platform.net.Transport;
import dev.warren.platform.ops.Metrics;
import dev.warren.platform.tls.SelfSignedCertificate;
import dev.warren.protocol.stun.BindingAnswer;
import dev.warren.protocol.stun.BindingRequest;
import dev.warren.protocol.stun.BindingResponder;
import dev.warren.protocol.stun.TransactionId;
import dev.warren.protocol.testing.Hex;
import dev.warren.protocol.testing.Requirements;
import io.micrometer.core.instrument.MeterRegistry;
import io.netty.channel.embedded.EmbeddedChannel;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** STUN over real TCP and TLS connections on loopback. */
@Timeout(60)
final class StunStreamServerTest {
    private static final InetAddress IPV4 = InetAddress.ofLiteral("127.0.0.1");
    private static final InetAddress IPV6 = InetAddress.ofLiteral("::1");
    private static final int PATIENCE_SECONDS = 20;
    private static final StunStreamLimits LIMITS = StunStreamLimits.DEFAULT;

    private final MeterRegistry registry = Metrics.registry();

    @TempDir
    private Path folder = Path.of("");

    @ParameterizedTest
    @EnumSource
    void shouldTellClientsOfBothFamiliesTheirAddress(Transport transport) throws Exception {
        Requirements.none(transport.unavailableReason());
        StunStreamConfig config = new StunStreamConfig(
                List.of(new InetSocketAddress(IPV4, 0), new InetSocketAddress(IPV6, 0)), List.of(), null, null, LIMITS);
        try (StunStreamServer server = StunStreamServer.start(config, transport, registry, null)) {
            for (InetSocketAddress address : server.tcpAddresses()) {
                try (Socket socket = connect(address)) {
                    assertTold(socket, 1);
                    assertTold(socket, 2);
                }
            }
            await("both are gone", () -> closed("client") == 2);
            assertEquals(4, count("messages", "disposition", "answered_tailscale"));
            assertEquals(0, registry.get("warren.stun.stream.open").gauge().value());
        }
    }

    @Test
    void shouldAnswerOverTls() throws Exception {
        try (StunStreamServer server = startTls(LIMITS)) {
            InetSocketAddress address = server.tlsAddresses().getFirst();
            try (Socket socket = trusting().getSocketFactory().createSocket(IPV4, address.getPort())) {
                socket.setSoTimeout((int) TimeUnit.SECONDS.toMillis(PATIENCE_SECONDS));
                assertTold(socket, 1);
                assertTold(socket, 2);
            }
        }
        assertEquals(1, count("connections", "outcome", "accepted"));
    }

    @Test
    void shouldServeBesideUdp() throws Exception {
        StunConfig udp = StunConfig.of(List.of(new InetSocketAddress(IPV4, 0)), StunTransport.AUTO, null);
        StunStreamConfig tcp =
                new StunStreamConfig(List.of(new InetSocketAddress(IPV4, 0)), List.of(), null, null, LIMITS);
        InetSocketAddress address;
        try (StunServer server = StunServer.start(udp, tcp)) {
            address = server.tcpAddresses().getFirst();
            try (Socket socket = connect(address)) {
                assertTold(socket, 1);
            }
            assertEquals(
                    1,
                    server.registry()
                            .get("warren.stun.stream.connections")
                            .tag("outcome", "accepted")
                            .counter()
                            .count());
            StunStreamConfig taken = new StunStreamConfig(List.of(address), List.of(), null, null, LIMITS);
            assertThrows(UserError.class, () -> StunServer.start(udp, taken));
        }
        assertThrows(IOException.class, () -> connect(address));
    }

    @Test
    void shouldNotMindHowTheMessagesAreCutUp() throws Exception {
        try (StunStreamServer server = start(LIMITS);
                Socket socket = connect(server)) {
            ByteArrayOutputStream three = new ByteArrayOutputStream();
            for (int i = 0; i < 3; i++) {
                three.writeBytes(BindingRequest.tailscale(new TransactionId(i, i)));
            }
            byte[] bytes = three.toByteArray();
            socket.getOutputStream().write(bytes);
            assertAnswers(socket, 3);
            for (byte one : bytes) {
                socket.getOutputStream().write(one);
            }
            assertAnswers(socket, 3);
        }
    }

    @Test
    void shouldGoOnAfterWhatWantsNoAnswer() throws Exception {
        try (StunStreamServer server = start(LIMITS);
                Socket socket = connect(server)) {
            socket.getOutputStream().write(Hex.bytes("001100002112a4420102030405060708090a0b0c")); // indication
            socket.getOutputStream().write(Hex.bytes("000100082112a4420102030405060708090a0b0c8028000400000000"));
            assertTold(socket, 7);
            assertEquals(1, count("messages", "disposition", "ignored_indication"));
            assertEquals(1, count("messages", "disposition", "ignored_fingerprint"));
        }
    }

    @Test
    void shouldRefuseAChangeOfAddress() throws Exception {
        try (StunStreamServer server = start(LIMITS);
                Socket socket = connect(server)) {
            socket.getOutputStream().write(Hex.bytes("000100082112a4420102030405060708090a0b0c0003000400000006"));
            byte[] head = socket.getInputStream().readNBytes(20);
            assertEquals("0111", Hex.text(head).substring(0, 4));
            assertEquals(1, count("messages", "disposition", "refused_unknown_attribute"));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "not_stun, 474554202f20485454502f312e310d0a486f73743a20780d0a0d0a",
        "not_stun, 00010000deadbeef0102030405060708090a0b0c",
        "too_long, 0001fffc2112a4420102030405060708090a0b0c"
    })
    void shouldCloseAtWhatIsNoUseToIt(String reason, String hex) throws Exception {
        try (StunStreamServer server = start(LIMITS);
                Socket socket = connect(server)) {
            socket.getOutputStream().write(Hex.bytes(hex));
            assertClosed(socket);
            await(reason, () -> closed(reason) == 1);
        }
    }

    @Test
    void shouldCountAMessageThatWasCutOff() throws Exception {
        try (StunStreamServer server = start(LIMITS)) {
            try (Socket socket = connect(server)) {
                socket.getOutputStream().write(new byte[] {0, 1, 0});
            }
            await("it ends", () -> closed("cut_off") == 1);
        }
    }

    @Test
    void shouldEndWhatTricklesIn() throws Exception {
        StunStreamLimits limits = new StunStreamLimits(10, 10, Duration.ofMillis(300), 1000);
        try (StunStreamServer server = start(limits);
                Socket silent = connect(server);
                Socket slow = connect(server)) {
            slow.getOutputStream().write(0);
            assertClosed(silent);
            assertClosed(slow);
            await("both are counted", () -> closed("idle") == 2);
        }
    }

    @Test
    void shouldLeaveNoTimerBehind() {
        StreamHandler handler = new StreamHandler(
                LIMITS, new StreamMetrics(registry), new BindingResponder(), new InetSocketAddress(IPV4, 1));
        EmbeddedChannel connection = new EmbeddedChannel(handler);
        assertTrue(connection.runScheduledPendingTasks() > 0, "it waits for a message");
        var _ = connection.close();
        assertEquals(-1, connection.runScheduledPendingTasks());
    }

    @Test
    void shouldEndATlsHandshakeThatNeverComes() throws Exception {
        try (StunStreamServer server = startTls(new StunStreamLimits(10, 10, Duration.ofMillis(300), 1000));
                Socket silent = connect(server.tlsAddresses().getFirst())) {
            assertClosed(silent);
            await("it is counted", () -> closed("idle") == 1);
        }
    }

    @Test
    void shouldEndAConnectionWhoseTlsIsNone() throws Exception {
        try (StunStreamServer server = startTls(LIMITS);
                Socket plain = connect(server.tlsAddresses().getFirst())) {
            plain.getOutputStream().write(BindingRequest.tailscale(new TransactionId(1, 1)));
            assertClosed(plain);
            await("it is counted", () -> closed("failed") == 1);
        }
    }

    @Test
    void shouldEndAConnectionThatBringsTooMuch() throws Exception {
        try (StunStreamServer server = start(new StunStreamLimits(10, 10, Duration.ofMinutes(1), 200));
                Socket socket = connect(server)) {
            for (int i = 0; i < 6; i++) {
                socket.getOutputStream().write(BindingRequest.tailscale(new TransactionId(i, i)));
            }
            assertClosed(socket);
            await("it is counted", () -> closed("bytes") == 1);
        }
    }

    @Test
    void shouldEndAClientThatDoesNotRead() throws Exception {
        try (StunStreamServer server = start(new StunStreamLimits(10, 10, Duration.ofMinutes(1), 1 << 30));
                Socket socket = new Socket()) {
            socket.setReceiveBufferSize(4096);
            socket.connect(server.tcpAddresses().getFirst());
            byte[] request = BindingRequest.tailscale(new TransactionId(1, 1));
            ByteArrayOutputStream many = new ByteArrayOutputStream();
            for (int i = 0; i < 1000; i++) {
                many.writeBytes(request);
            }
            assertThrows(SocketException.class, () -> {
                for (int i = 0; i < 10_000; i++) {
                    socket.getOutputStream().write(many.toByteArray());
                }
            });
            await("it is counted", () -> closed("slow") == 1);
        }
    }

    @Test
    void shouldLetInNoMoreThanTheLimits() throws Exception {
        try (StunStreamServer server = start(new StunStreamLimits(10, 2, Duration.ofMinutes(1), 1000));
                Socket first = connect(server);
                Socket second = connect(server);
                Socket third = connect(server)) {
            assertTold(first, 1);
            assertTold(second, 2);
            assertClosed(third);
            await("one was refused", () -> count("connections", "outcome", "refused_source") == 1);
            first.close();
            await("there is room", () -> closed("client") == 1);
            try (Socket next = connect(server)) {
                assertTold(next, 3);
            }
        }
        try (StunStreamServer server = start(new StunStreamLimits(1, 5, Duration.ofMinutes(1), 1000));
                Socket first = connect(server);
                Socket second = connect(server)) {
            assertTold(first, 1);
            assertClosed(second);
            await("one was refused", () -> count("connections", "outcome", "refused_total") == 1);
        }
    }

    @Test
    void shouldCountSourcesAsCustomersHaveThem() throws Exception {
        StreamGate gate = new StreamGate(new StunStreamLimits(5, 1, Duration.ofMinutes(1), 1000));
        assertEquals(null, gate.enter(InetAddress.ofLiteral("2001:db8:1:2::1")));
        assertEquals(
                StreamMetrics.Outcome.REFUSED_SOURCE, gate.enter(InetAddress.ofLiteral("2001:db8:1:2:ffff::9")), "/64");
        assertEquals(null, gate.enter(InetAddress.ofLiteral("2001:db8:1:3::1")));
        assertEquals(null, gate.enter(InetAddress.ofLiteral("192.0.2.1")));
        assertEquals(null, gate.enter(InetAddress.ofLiteral("192.0.2.2")));
        assertEquals(StreamMetrics.Outcome.REFUSED_SOURCE, gate.enter(InetAddress.ofLiteral("192.0.2.2")));
        assertEquals(4, gate.sources());
        gate.leave(InetAddress.ofLiteral("192.0.2.2"));
        assertEquals(3, gate.sources(), "who is gone takes no memory");
        assertEquals(null, gate.enter(InetAddress.ofLiteral("192.0.2.2")));
    }

    @Test
    void shouldEndConnectionsWhenItStops() throws Exception {
        StunStreamServer server = start(LIMITS);
        InetSocketAddress address = server.tcpAddresses().getFirst();
        try (Socket socket = connect(address)) {
            assertTold(socket, 1);
            server.close();
            assertClosed(socket);
            assertEquals(1, closed("stopped"));
        }
        try (ServerSocket free = new ServerSocket()) {
            free.setReuseAddress(true);
            free.bind(address);
            assertEquals(address.getPort(), free.getLocalPort());
        }
    }

    @Test
    void shouldSayInOneSentenceWhatIsWrong() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, IPV4)) {
            InetSocketAddress address = new InetSocketAddress(IPV4, taken.getLocalPort());
            StunStreamConfig config = new StunStreamConfig(List.of(address), List.of(), null, null, LIMITS);
            UserError error =
                    assertThrows(UserError.class, () -> StunStreamServer.start(config, Transport.AUTO, registry, null));
            assertEquals(
                    "127.0.0.1:" + taken.getLocalPort() + " is already in use: stop the program that listens there,"
                            + " or choose another with --tcp-listen",
                    error.getMessage());
        }
        Path nowhere = folder.resolve("nowhere.pem");
        StunStreamConfig config =
                new StunStreamConfig(List.of(), List.of(new InetSocketAddress(IPV4, 0)), nowhere, nowhere, LIMITS);
        UserError error =
                assertThrows(UserError.class, () -> StunStreamServer.start(config, Transport.AUTO, registry, null));
        assertEquals(nowhere + " does not exist: check the path (--tls-cert, --tls-key)", error.getMessage());
        assertThrows(
                IllegalArgumentException.class,
                () -> new StunStreamConfig(List.of(), List.of(new InetSocketAddress(0)), null, null, LIMITS));
    }

    private StunStreamServer start(StunStreamLimits limits) {
        return StunStreamServer.start(
                new StunStreamConfig(List.of(new InetSocketAddress(IPV4, 0)), List.of(), null, null, limits),
                Transport.AUTO,
                registry,
                null);
    }

    private StunStreamServer startTls(StunStreamLimits limits) throws IOException {
        SelfSignedCertificate.loadOrCreate(certificate(), key(), "127.0.0.1");
        return StunStreamServer.start(
                new StunStreamConfig(List.of(), List.of(new InetSocketAddress(IPV4, 0)), certificate(), key(), limits),
                Transport.AUTO,
                registry,
                null);
    }

    private Path certificate() {
        return folder.resolve("cert.pem");
    }

    private Path key() {
        return folder.resolve("key.pem");
    }

    /** Trusts the server's certificate and no other. */
    private SSLContext trusting() throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        try (var file = Files.newInputStream(certificate())) {
            store.setCertificateEntry(
                    "server", CertificateFactory.getInstance("X.509").generateCertificate(file));
        }
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(store);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        return context;
    }

    private static Socket connect(StunStreamServer server) throws IOException {
        return connect(server.tcpAddresses().getFirst());
    }

    private static Socket connect(InetSocketAddress address) throws IOException {
        Socket socket = new Socket(address.getAddress(), address.getPort());
        socket.setSoTimeout((int) TimeUnit.SECONDS.toMillis(PATIENCE_SECONDS));
        return socket;
    }

    private static void assertTold(Socket socket, int number) throws IOException {
        TransactionId id = new TransactionId(number, number);
        socket.getOutputStream().write(BindingRequest.tailscale(id));
        socket.getOutputStream().flush();
        byte[] answer =
                socket.getInputStream().readNBytes(socket.getLocalAddress().getAddress().length == 4 ? 32 : 44);
        assertEquals(
                new BindingAnswer.Mapped(id, (InetSocketAddress) socket.getLocalSocketAddress()),
                BindingAnswer.parse(answer, 0, answer.length));
    }

    private static void assertAnswers(Socket socket, int count) throws IOException {
        for (int i = 0; i < count; i++) {
            byte[] answer = socket.getInputStream().readNBytes(32);
            byte[] id = new byte[12];
            new TransactionId(i, i).copyTo(id, 0);
            assertArrayEquals(id, Arrays.copyOfRange(answer, 8, 20));
        }
    }

    /** Reads to the end, be it a reset. */
    private static void assertClosed(Socket socket) throws IOException {
        try {
            while (socket.getInputStream().read() >= 0) {
                // Answers from before, or TLS's alert.
            }
        } catch (SocketException reset) {
            assertTrue(socket.isConnected(), reset::toString);
        }
    }

    private double closed(String reason) {
        return count("closed", "reason", reason);
    }

    private double count(String name, String tag, String value) {
        return registry.get("warren.stun.stream." + name)
                .tag(tag, value)
                .counter()
                .count();
    }

    private static void await(String what, BooleanSupplier condition) {
        long endNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() < endNanos, "not within " + PATIENCE_SECONDS + " s: " + what);
            LockSupport.parkNanos(1_000_000);
        }
    }
}
