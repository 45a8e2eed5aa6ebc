package dev.warren.loadtest.interop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.protocol.stun.BindingRequest;
import dev.warren.protocol.stun.MessageType;
import dev.warren.protocol.stun.StunAttribute.Raw;
import dev.warren.protocol.stun.StunClient;
import dev.warren.protocol.stun.StunClient.Retransmission;
import dev.warren.protocol.stun.StunCodec;
import dev.warren.protocol.stun.StunMessage;
import dev.warren.protocol.stun.TransactionId;
import dev.warren.protocol.testing.FreePort;
import dev.warren.protocol.testing.Requirements;
import dev.warren.stun.StunConfig;
import dev.warren.stun.StunServer;
import dev.warren.stun.StunTransport;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Our STUN server against coturn's, Tailscale's and Debian's classic {@code stun}; our client against coturn's server. */
@Timeout(30)
final class StunInteropTest {
    private static final int PEER_SECONDS = 20;
    private static final SecureRandom RANDOM = new SecureRandom();

    @TempDir
    private Path folder = Path.of("");

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "::1"})
    void shouldTellCoturnsClientItsAddress(String host) throws Exception {
        Path client = Requirements.program("turnutils_stunclient");
        try (StunServer server = server(host)) {
            String printed = run(client.toString(), "-p", String.valueOf(server.port()), host);
            assertTrue(
                    printed.matches("(?s).*UDP reflexive addr: " + host.replace(".", "\\.") + ":[1-9]\\d*\\R.*"),
                    printed);
            assertTrue(counted(server, "answered_rfc8489") >= 1, printed);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "::1"})
    void shouldTellTailscalesClientItsAddress(String host) throws Exception {
        Path client = Requirements.peer("stunc");
        try (StunServer server = server(host)) {
            String printed = run(client.toString(), host, String.valueOf(server.port()));
            String address = host.contains(":") ? "[" + host + "]" : host;
            assertTrue(printed.matches("(?s).*" + Pattern.quote(address) + ":[1-9]\\d*\\R.*"), printed);
            assertEquals(1, counted(server, "answered_tailscale"));
        }
    }

    @Test
    void shouldTellTheClassicClientItsAddress() throws Exception {
        Path client = Requirements.program("stun");
        try (StunServer server = server("127.0.0.1")) {
            int port = FreePort.next();
            String printed =
                    run(client.toString(), "127.0.0.1:" + server.port(), "1", "-v", "-p", String.valueOf(port));
            assertTrue(printed.contains("mappedAddr=127.0.0.1:" + port + "\n"), printed);
            assertTrue(printed.contains("ok=1"), printed);
            assertEquals(1, counted(server, "answered_classic"));
        }
    }

    /**
     * Without a second address we cannot say whether a NAT filters; the client must not be led to think that it does
     * not.
     */
    @Test
    void shouldLetTheClassicClientFindThatThereIsNoNat() throws Exception {
        Path client = Requirements.program("stun");
        try (StunServer server = server("127.0.0.1")) {
            String printed = run(client.toString(), "127.0.0.1:" + server.port(), "-v");
            assertTrue(printed.contains("is nat  = 0"), printed);
            assertTrue(printed.contains("test II = 0"), printed);
            assertTrue(counted(server, "ignored_change_request") >= 1, printed);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "::1"})
    void shouldLearnItsAddressFromCoturn(String host) throws Exception {
        InetSocketAddress server = new InetSocketAddress(InetAddress.ofLiteral(host), FreePort.next());
        Process coturn = coturn(host, server.getPort());
        try (DatagramSocket socket = new DatagramSocket(0, server.getAddress())) {
            TransactionId id = TransactionId.random(RANDOM);
            assertMapped(socket, ask(socket, server, BindingRequest.tailscale(id), coturn));
            assertMapped(socket, ask(socket, server, BindingRequest.plain(TransactionId.random(RANDOM)), coturn));
        } finally {
            Coturn.end(coturn);
        }
    }

    @Test
    void shouldBeRefusedByCoturnAsByOurselves() throws Exception {
        InetSocketAddress theirs = new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), FreePort.next());
        byte[] request = StunCodec.encode(StunMessage.of(
                MessageType.BINDING_REQUEST, TransactionId.random(RANDOM), new Raw(0x7ff1, new byte[4])));
        Process coturn = coturn("127.0.0.1", theirs.getPort());
        try (DatagramSocket socket = new DatagramSocket(0, theirs.getAddress());
                StunServer ours = server("127.0.0.1")) {
            for (InetSocketAddress server : List.of(theirs, ours.addresses().getFirst())) {
                StunClient.State state = ask(socket, server, request, coturn);
                assertEquals(
                        420,
                        assertInstanceOf(StunClient.Refused.class, state, state::toString)
                                .code());
            }
        } finally {
            Coturn.end(coturn);
        }
    }

    private static void assertMapped(DatagramSocket socket, StunClient.State state) {
        assertEquals(
                socket.getLocalSocketAddress(),
                assertInstanceOf(StunClient.Answered.class, state, state::toString)
                        .mapped());
    }

    /** Runs one transaction. Its retransmissions also wait for a server that is still starting. */
    private static StunClient.State ask(
            DatagramSocket socket, InetSocketAddress server, byte[] request, Process process) throws IOException {
        StunClient client = new StunClient(server, request, Retransmission.RFC_8489, System.nanoTime());
        DatagramPacket answer = new DatagramPacket(new byte[2048], 2048);
        while (client.nextDeadlineNanos() != Long.MAX_VALUE) {
            assertTrue(process.isAlive(), "coturn ended: " + process);
            byte[] due = client.poll(System.nanoTime());
            if (due != null) {
                socket.send(new DatagramPacket(due, due.length, server));
            }
            long waitNanos = client.nextDeadlineNanos() - System.nanoTime();
            socket.setSoTimeout((int) Math.max(1, TimeUnit.NANOSECONDS.toMillis(waitNanos)));
            try {
                socket.receive(answer);
                InetSocketAddress from = (InetSocketAddress) answer.getSocketAddress();
                client.receive(answer.getData(), 0, answer.getLength(), from, System.nanoTime());
            } catch (SocketTimeoutException nothingYet) {
                assertTrue(client.state() instanceof StunClient.Waiting);
            }
        }
        return client.state();
    }

    private static StunServer server(String host) {
        InetSocketAddress any = new InetSocketAddress(InetAddress.ofLiteral(host), 0);
        return StunServer.start(StunConfig.of(List.of(any), StunTransport.AUTO, null));
    }

    private static double counted(StunServer server, String disposition) {
        return server
                .registry()
                .get("warren.stun.datagrams")
                .tag("disposition", disposition)
                .functionCounters()
                .stream()
                .mapToDouble(counter -> counter.count())
                .sum();
    }

    private Process coturn(String host, int port) throws IOException {
        return Coturn.start(folder, Coturn.command(folder, List.of(host), port));
    }

    private String run(String... command) throws IOException, InterruptedException {
        Process process = Coturn.start(folder, List.of(command));
        try {
            assertTrue(process.waitFor(PEER_SECONDS, TimeUnit.SECONDS), () -> "still running: " + command[0]);
            return new String(Files.readAllBytes(folder.resolve("output.txt")), StandardCharsets.UTF_8);
        } finally {
            Coturn.end(process);
        }
    }
}
