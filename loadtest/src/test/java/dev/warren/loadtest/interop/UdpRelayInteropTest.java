package dev.warren.loadtest.interop;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.protocol.disco.Challenge;
import dev.warren.protocol.disco.DiscoCodec;
import dev.warren.protocol.disco.DiscoMessage;
import dev.warren.protocol.disco.RelaySession;
import dev.warren.protocol.key.DiscoPrivateKey;
import dev.warren.protocol.key.DiscoPublicKey;
import dev.warren.protocol.testing.FreePort;
import dev.warren.protocol.testing.Requirements;
import dev.warren.protocol.udprelay.RelayClient;
import dev.warren.protocol.udprelay.UdpRelayLimits;
import dev.warren.relay.RelayConfig;
import dev.warren.relay.RelayServer;
import dev.warren.relay.udp.UdpRelayConfig;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Tailscale's UDP relay and the messages of its clients, in the small Go program of {@code loadtest/peers/udprelaycheck},
 * with our client and our relay.
 */
@Timeout(60)
final class UdpRelayInteropTest {
    private static final InetAddress LOOPBACK = InetAddress.ofLiteral("127.0.0.1");
    private static final int GENERATION = 3;
    private static final int MOST_BYTES = 2_000;

    private final Random random = new Random(1);

    @TempDir
    Path folder;

    @Test
    void shouldServeTailscalesClients() throws Exception {
        RelayConfig config = new RelayConfig(
                        new InetSocketAddress(LOOPBACK, 0),
                        folder.resolve("relay.key"),
                        null,
                        new RelayConfig.Place("127.0.0.1", 900),
                        null,
                        null,
                        RelayConfig.Tuning.standard())
                .withUdpRelay(
                        new UdpRelayConfig(new InetSocketAddress(LOOPBACK, 0), List.of(), UdpRelayLimits.DEFAULT));
        try (RelayServer relay = RelayServer.start(config)) {
            DiscoPublicKey key =
                    Objects.requireNonNull(relay.mapEntry().nodes().getFirst().udpRelay());
            String printed = run("client", "http://127.0.0.1:" + relay.port() + "/derp", key.toString());
            List<String> held =
                    printed.lines().filter(line -> line.startsWith("ok ")).toList();
            assertEquals(
                    List.of(
                            "ok allocation",
                            "ok repeated allocation",
                            "ok bind",
                            "ok data",
                            "ok data",
                            "ok data",
                            "ok bind again"),
                    held,
                    printed);
        }
    }

    @Test
    void shouldMeetAtTailscalesRelay() throws Exception {
        try (DatagramSocket one = new DatagramSocket(new InetSocketAddress(LOOPBACK, 0));
                DatagramSocket other = new DatagramSocket(new InetSocketAddress(LOOPBACK, 0))) {
            DiscoPrivateKey first = DiscoPrivateKey.generate(random);
            DiscoPrivateKey second = DiscoPrivateKey.generate(random);
            Process server = start(
                    "server",
                    Integer.toString(FreePort.next()),
                    first.publicKey().toString(),
                    second.publicKey().toString());
            try {
                BufferedReader said = server.inputReader(StandardCharsets.UTF_8);
                String[] words = Objects.requireNonNull(said.readLine(), "the server says nothing")
                        .split(" ", 2);
                DiscoPublicKey key = DiscoPublicKey.parse(words[0]);
                RelaySession session = session(HexFormat.of().parseHex(words[1]));
                assertEquals(key, session.server());
                assertEquals(TimeUnit.SECONDS.toNanos(30), session.bindLifetimeNanos());
                assertEquals(TimeUnit.MINUTES.toNanos(5), session.steadyLifetimeNanos());

                bind(new RelayClient(first, key, random), session, one);
                bind(new RelayClient(second, key, random), session, other);
                assertArrives(session, one, other, 1_400);
                assertArrives(session, other, one, 148);
            } finally {
                server.destroy();
                assertTrue(server.waitFor(10, TimeUnit.SECONDS));
            }
        }
    }

    /** The session that a peer would be told of (CallMeMaybeVia). */
    private static RelaySession session(byte[] message) {
        DiscoMessage decoded = DiscoCodec.decode(message, 0, message.length);
        return ((DiscoMessage.CallMeMaybeVia) Objects.requireNonNull(decoded)).session();
    }

    private static void bind(RelayClient client, RelaySession session, DatagramSocket socket) throws IOException {
        send(session, socket, client.bindRequest(session, GENERATION));
        Challenge challenge = client.challenge(receive(socket, 10_000));
        send(session, socket, client.bindAnswer(session, GENERATION, challenge));
    }

    /** An answer to a challenge is not confirmed: the first datagrams may come before the relay has taken it in. */
    private static void assertArrives(RelaySession session, DatagramSocket from, DatagramSocket to, int length)
            throws IOException {
        byte[] datagram = RelayClient.data(session.vni(), length);
        for (int tries = 0; tries < 200; tries++) {
            send(session, from, datagram);
            try {
                byte[] arrived = receive(to, 50);
                if (arrived.length == datagram.length) {
                    assertArrayEquals(datagram, arrived);
                    return;
                }
            } catch (SocketTimeoutException notYet) {
                // The next one, then.
            }
        }
        throw new AssertionError("nothing arrives through Tailscale's relay");
    }

    private static void send(RelaySession session, DatagramSocket from, byte[] datagram) throws IOException {
        from.send(new DatagramPacket(
                datagram, datagram.length, session.addresses().getFirst()));
    }

    private static byte[] receive(DatagramSocket socket, int millis) throws IOException {
        socket.setSoTimeout(millis);
        DatagramPacket packet = new DatagramPacket(new byte[MOST_BYTES], MOST_BYTES);
        socket.receive(packet);
        return Arrays.copyOf(packet.getData(), packet.getLength());
    }

    private static Process start(String... arguments) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Requirements.peer("udprelaycheck").toString());
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command).redirectErrorStream(true).start();
    }

    private static String run(String... arguments) throws Exception {
        Process process = start(arguments);
        String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertTrue(process.waitFor(30, TimeUnit.SECONDS));
        assertEquals(0, process.exitValue(), printed);
        return printed;
    }
}
