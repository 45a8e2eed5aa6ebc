package dev.warren.stun;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.platform.config.UserError;
import dev.warren.protocol.stun.BindingAnswer;
import dev.warren.protocol.stun.BindingRequest;
import dev.warren.protocol.stun.CredentialClient;
import dev.warren.protocol.stun.CredentialSession;
import dev.warren.protocol.stun.StunClient;
import dev.warren.protocol.stun.StunCredentials;
import dev.warren.protocol.stun.StunNonces;
import dev.warren.protocol.stun.TransactionId;
import dev.warren.protocol.testing.FreePort;
import dev.warren.protocol.testing.Hex;
import dev.warren.protocol.testing.Requirements;
import dev.warren.protocol.testing.Seeds;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The whole server over loopback. */
@Timeout(30)
final class StunServerTest {
    private static final int ANSWER_TIMEOUT_MILLIS = 5000;
    private static final InetAddress IPV4 = InetAddress.ofLiteral("127.0.0.1");
    private static final InetAddress IPV6 = InetAddress.ofLiteral("::1");
    private static final InetSocketAddress OPS = new InetSocketAddress(IPV4, 0);

    @ParameterizedTest
    @EnumSource
    void shouldTellClientsOfBothFamiliesTheirAddress(StunTransport transport) throws IOException {
        Requirements.none(transport.unavailableReason());
        try (StunServer server = start(transport, new InetSocketAddress(IPV4, 0), new InetSocketAddress(IPV6, 0))) {
            for (InetSocketAddress address : server.addresses()) {
                assertTold(address);
            }
            assertEquals(1, count(server, "answered_tailscale", "ipv4"));
            assertEquals(1, count(server, "answered_tailscale", "ipv6"));
            assertEquals(
                    40 + 40,
                    server.registry()
                            .get("warren.stun.received.bytes")
                            .functionCounter()
                            .count());
            assertEquals(
                    32 + 44,
                    server.registry()
                            .get("warren.stun.sent.bytes")
                            .functionCounter()
                            .count());
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldServeBothFamiliesOnAWildcardAndUnmapIpv4(StunTransport transport) throws IOException {
        Requirements.none(transport.unavailableReason());
        try (StunServer server = start(transport, new InetSocketAddress(0))) {
            assertTold(new InetSocketAddress(IPV4, server.port()));
            assertTold(new InetSocketAddress(IPV6, server.port()));
            assertEquals(1, count(server, "answered_tailscale", "ipv4"));
            assertEquals(1, count(server, "answered_tailscale", "ipv6"));
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldAnswerEveryRequestOfABurst(StunTransport transport) throws IOException {
        Requirements.none(transport.unavailableReason());
        try (StunServer server = start(transport, new InetSocketAddress(IPV4, 0));
                DatagramSocket socket = client(IPV4)) {
            int burst = 100;
            for (int i = 0; i < burst; i++) {
                send(
                        socket,
                        BindingRequest.plain(new TransactionId(i, i)),
                        server.addresses().getFirst());
            }
            for (int i = 0; i < burst; i++) {
                byte[] answer = receive(socket);
                BindingAnswer mapped = BindingAnswer.parse(answer, 0, answer.length);
                assertTrue(mapped != null && mapped.id().high() == i, "in order: " + mapped);
            }
            assertEquals(burst, count(server, "answered_rfc8489", "ipv4"));
        }
    }

    @Test
    void shouldAnswerTheVectorsOfEachForm() throws IOException {
        try (StunServer server = start(StunTransport.AUTO, new InetSocketAddress(IPV4, 0));
                DatagramSocket socket = client(IPV4)) {
            int mask = socket.getLocalPort() ^ 0x2112;
            String masked = HexFormat.of().toHexDigits((short) mask) + "5e12a443";
            String clear = HexFormat.of().toHexDigits((short) socket.getLocalPort()) + "7f000001";
            String id = "0102030405060708090a0b0c";
            assertAnswer(
                    server,
                    socket,
                    "000100142112a442" + id + "802200087461696c6e6f646580280004b32c370f",
                    "0101000c2112a442" + id + "002000080001" + masked);
            assertAnswer(server, socket, "000100002112a442" + id, "0101000c2112a442" + id + "002000080001" + masked);
            assertAnswer(
                    server,
                    socket,
                    "00010008deadbeef" + id + "0003000400000000",
                    "0101000cdeadbeef" + id + "000100080001" + clear);
            assertEquals(1, count(server, "answered_classic", "ipv4"));
        }
    }

    @Test
    void shouldCountHostileDatagramsByReasonAndGoOn() throws IOException {
        String header = "2112a4420102030405060708090a0b0c";
        List<String> hostile = List.of(
                "",
                "00",
                "ff010000" + header,
                "00010004" + header,
                "00010004" + header + "8022ffff",
                "00010008" + header + "8028000400000000",
                "00110000" + header,
                "01010000" + header,
                "00030000" + header,
                "00010008" + "00000000" + header.substring(8) + "0003000400000006",
                "00".repeat(5000));
        try (StunServer server = start(StunTransport.AUTO, new InetSocketAddress(IPV4, 0));
                DatagramSocket socket = client(IPV4)) {
            InetSocketAddress address = server.addresses().getFirst();
            for (String bytes : hostile) {
                send(socket, Hex.bytes(bytes), address);
            }
            Seeds.forEach(100, random -> {
                byte[] noise = new byte[random.nextInt(200)];
                random.nextBytes(noise);
                if (noise.length > 0) {
                    noise[0] |= (byte) 0x80;
                }
                send(socket, noise, address);
            });
            assertTold(address);
            assertAnswer(
                    server,
                    socket,
                    "00010004" + header + "7fff0000",
                    "01110024" + header + "00090018" + "00000414" + "556e6b6e6f776e20417474726962757465287329"
                            + "000a00047fff7fff");
            for (String reason : List.of(
                    "length",
                    "attributes",
                    "fingerprint",
                    "indication",
                    "response",
                    "method",
                    "change_request",
                    "too_short",
                    "not_stun")) {
                assertTrue(count(server, "ignored_" + reason, "ipv4") >= 1, reason);
            }
            assertEquals(1, count(server, "refused_unknown_attribute", "ipv4"));
        }
    }

    @Test
    void shouldShowItsCountersAndHealthToOperators() throws Exception {
        try (StunServer server = start(StunTransport.AUTO, new InetSocketAddress(IPV4, 0));
                HttpClient http = HttpClient.newHttpClient()) {
            assertTold(server.addresses().getFirst());
            String ops = "http://127.0.0.1:" + server.opsPort().orElseThrow();
            String metrics = http.send(
                            HttpRequest.newBuilder(URI.create(ops + "/metrics")).build(), BodyHandlers.ofString())
                    .body();
            assertTrue(
                    metrics.contains(
                            "warren_stun_datagrams_total{disposition=\"answered_tailscale\",family=\"ipv4\"} 1.0"),
                    metrics);
            assertEquals(
                    200,
                    http.send(
                                    HttpRequest.newBuilder(URI.create(ops + "/readyz"))
                                            .build(),
                                    BodyHandlers.discarding())
                            .statusCode());
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldSayWhenThePortIsTaken(StunTransport transport) throws IOException {
        Requirements.none(transport.unavailableReason());
        try (DatagramSocket other = client(IPV4)) {
            UserError failure = assertThrows(
                    UserError.class, () -> start(transport, new InetSocketAddress(IPV4, other.getLocalPort())));
            assertEquals(
                    "127.0.0.1:" + other.getLocalPort() + " is already in use: stop the program that listens there,"
                            + " or choose another with --listen",
                    failure.getMessage());
        }
    }

    @Test
    void shouldFreeItsSocketsWhenTheOpsPortIsTaken() throws IOException {
        int port;
        try (DatagramSocket free = client(IPV4)) {
            port = free.getLocalPort();
        }
        InetSocketAddress listen = new InetSocketAddress(IPV4, port);
        try (ServerSocket other = new ServerSocket(0, 1, IPV4)) {
            InetSocketAddress ops = new InetSocketAddress(IPV4, other.getLocalPort());
            UserError failure = assertThrows(
                    UserError.class, () -> StunServer.start(StunConfig.of(List.of(listen), StunTransport.AUTO, ops)));
            assertTrue(String.valueOf(failure.getMessage()).contains("--ops-listen"), failure::getMessage);
        }
        try (DatagramSocket again = new DatagramSocket(listen)) {
            assertEquals(port, again.getLocalPort());
        }
    }

    @Test
    void shouldRefuseToListenNowhere() {
        assertThrows(IllegalArgumentException.class, () -> StunConfig.of(List.of(), StunTransport.AUTO, null));
    }

    /** RFC 5780 section 7.2: from where the answer comes, by what the request asks for. */
    @ParameterizedTest
    @EnumSource
    void shouldAnswerFromTheCornerThatIsAskedFor(StunTransport transport) throws IOException {
        Requirements.none(transport.unavailableReason());
        InetAddress second = InetAddress.ofLiteral("127.0.0.2");
        int[] ports = {FreePort.next(), FreePort.next()};
        InetSocketAddress primary = new InetSocketAddress(IPV4, ports[0]);
        InetSocketAddress alternate = new InetSocketAddress(second, ports[1]);
        StunConfig config =
                new StunConfig(List.of(primary), List.of(), alternate, transport, 2, true, null, null, null);
        try (StunServer server = StunServer.start(config);
                DatagramSocket socket = client(IPV4)) {
            assertEquals(4, server.addresses().size());
            for (InetSocketAddress asked : server.addresses()) {
                for (int change : new int[] {0, 2, 4, 6}) {
                    send(
                            socket,
                            Hex.bytes("00010008 2112a442 0102030405060708090a0b0c 00030004 0000000" + change),
                            asked);
                    DatagramPacket answer = new DatagramPacket(new byte[200], 200);
                    socket.receive(answer);
                    boolean first = asked.getAddress().equals(IPV4) ^ (change & 4) != 0;
                    int port = asked.getPort() == ports[0] ^ (change & 2) != 0 ? ports[0] : ports[1];
                    assertEquals(new InetSocketAddress(first ? IPV4 : second, port), answer.getSocketAddress());
                }
            }
        }
    }

    @Test
    void shouldSayThatTheTwoAddressesDoNotGoTogether() {
        InetSocketAddress one = new InetSocketAddress(IPV4, 40_001);
        InetSocketAddress samePort = new InetSocketAddress(InetAddress.ofLiteral("127.0.0.2"), 40_001);
        UserError wrong = assertThrows(
                UserError.class,
                () -> StunServer.start(new StunConfig(
                        List.of(one), List.of(), samePort, StunTransport.AUTO, 1, true, null, null, null)));
        assertTrue(
                String.valueOf(wrong.getMessage())
                        .startsWith(
                                "--listen and --alternate do not go together: 127.0.0.1:40001 and 127.0.0.2:40001 must differ"),
                wrong::getMessage);
        assertThrows(
                IllegalArgumentException.class,
                () -> new StunConfig(
                        List.of(one, one), List.of(), samePort, StunTransport.AUTO, 1, true, null, null, null));
    }

    @ParameterizedTest
    @EnumSource
    void shouldLimitWhatOnePrefixIsAnswered(StunTransport transport) throws IOException {
        Requirements.none(transport.unavailableReason());
        StunConfig config = new StunConfig(
                List.of(new InetSocketAddress(IPV4, 0)),
                List.of(),
                null,
                transport,
                2,
                false,
                null,
                new AnswerRate(1, 3),
                null);
        try (StunServer server = StunServer.start(config)) {
            InetSocketAddress address = server.addresses().getFirst();
            int answered = 0;
            for (int i = 0; i < 20; i++) {
                try (DatagramSocket socket = client(IPV4)) {
                    socket.setSoTimeout(100);
                    send(socket, BindingRequest.plain(new TransactionId(i, i)), address);
                    answered += receive(socket).length > 0 ? 1 : 0;
                } catch (SocketTimeoutException limited) {
                    // Counted by the server.
                }
            }
            assertEquals(20, count(server, "answered_rfc8489", "ipv4"));
            assertEquals(
                    20 - answered,
                    server.registry()
                            .get("warren.stun.unsent")
                            .tag("reason", "rate_limited")
                            .functionCounter()
                            .count());
            assertTrue(answered >= 3 && answered < 20, answered + " answers");
            // Another sender, 127.0.0.3, has a share of its own; and a request without cookie is not answered here.
            try (DatagramSocket other = client(InetAddress.ofLiteral("127.0.0.3"))) {
                send(other, Hex.bytes("00010000 00000000 0102030405060708090a0b0c"), address);
                send(other, BindingRequest.plain(new TransactionId(7, 7)), address);
                assertEquals(0x07, receive(other)[19]);
            }
            assertEquals(1, count(server, "ignored_classic", "ipv4"));
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldCountWhatIsTooLong(StunTransport transport) throws IOException {
        Requirements.none(transport.unavailableReason());
        try (StunServer server = start(transport, new InetSocketAddress(IPV4, 0));
                DatagramSocket socket = client(IPV4)) {
            byte[] longest = new byte[65_507];
            System.arraycopy(BindingRequest.plain(new TransactionId(1, 1)), 0, longest, 0, 20);
            send(socket, longest, server.addresses().getFirst());
            assertTold(server.addresses().getFirst());
            assertEquals(1, count(server, "ignored_oversize", "ipv4"));
        }
    }

    /** RFC 8489 section 9: who does not prove a name and password gets an error, or in the short-term form too. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void shouldAnswerOnlyThoseWhoKnowThePassword(boolean longTerm) throws IOException {
        Map<String, String> passwords = Map.of("wren", "twig");
        StunCredentials credentials = longTerm
                ? new StunCredentials.LongTerm(
                        "warren", passwords, new StunNonces(new SecureRandom(), StunNonces.LIFETIME, System::nanoTime))
                : new StunCredentials.ShortTerm(passwords);
        StunConfig config = new StunConfig(
                List.of(new InetSocketAddress(IPV4, 0)),
                List.of(),
                null,
                StunTransport.AUTO,
                2,
                true,
                credentials,
                null,
                null);
        try (StunServer server = StunServer.start(config);
                DatagramSocket socket = client(IPV4)) {
            InetSocketAddress address = server.addresses().getFirst();
            assertTrue(ask(socket, address, longTerm, "twig") instanceof StunClient.Answered);
            assertFalse(ask(socket, address, longTerm, "guess") instanceof StunClient.Answered);
            send(socket, BindingRequest.plain(new TransactionId(3, 3)), address);
            byte[] answer = receive(socket);
            assertEquals(
                    longTerm ? 401 : 400,
                    ((BindingAnswer.Refused) Objects.requireNonNull(BindingAnswer.parse(answer, 0, answer.length)))
                            .code());
        }
    }

    private static StunClient.State ask(
            DatagramSocket socket, InetSocketAddress server, boolean longTerm, String password) throws IOException {
        CredentialSession session =
                longTerm ? CredentialSession.longTerm("wren", password) : CredentialSession.shortTerm("wren", password);
        CredentialClient client = new CredentialClient(
                server, session, StunClient.Retransmission.PROBE, new Random(1), System.nanoTime());
        // Requests enough for the longest of exchanges; nothing is lost on the loopback.
        for (int turn = 0; turn < 6 && client.state() instanceof StunClient.Waiting; turn++) {
            byte[] request = client.poll(System.nanoTime());
            if (request != null) {
                send(socket, request, server);
                byte[] answer = receive(socket);
                client.receive(answer, 0, answer.length, server, System.nanoTime());
            }
        }
        return client.state();
    }

    private static StunServer start(StunTransport transport, InetSocketAddress... listen) {
        return StunServer.start(StunConfig.of(List.of(listen), transport, OPS));
    }

    /** Asks in Tailscale's form; the counters are up to date when the answer is here. */
    private static void assertTold(InetSocketAddress server) throws IOException {
        TransactionId id = TransactionId.random(Seeds.random(server.getPort()));
        try (DatagramSocket socket = client(server.getAddress())) {
            send(socket, BindingRequest.tailscale(id), server);
            byte[] answer = receive(socket);
            assertEquals(
                    new BindingAnswer.Mapped(id, (InetSocketAddress) socket.getLocalSocketAddress()),
                    BindingAnswer.parse(answer, 0, answer.length));
        }
    }

    private static void assertAnswer(StunServer server, DatagramSocket socket, String request, String answer)
            throws IOException {
        send(socket, Hex.bytes(request), server.addresses().getFirst());
        assertEquals(answer, Hex.text(receive(socket)));
    }

    private static double count(StunServer server, String disposition, String family) {
        return server.registry()
                .get("warren.stun.datagrams")
                .tag("disposition", disposition)
                .tag("family", family)
                .functionCounter()
                .count();
    }

    private static DatagramSocket client(InetAddress address) throws IOException {
        DatagramSocket socket = new DatagramSocket(0, address);
        socket.setSoTimeout(ANSWER_TIMEOUT_MILLIS);
        return socket;
    }

    private static void send(DatagramSocket socket, byte[] bytes, InetSocketAddress to) throws IOException {
        socket.send(new DatagramPacket(bytes, bytes.length, to));
    }

    private static byte[] receive(DatagramSocket socket) throws IOException {
        DatagramPacket packet = new DatagramPacket(new byte[2048], 2048);
        socket.receive(packet);
        return Arrays.copyOf(packet.getData(), packet.getLength());
    }
}
