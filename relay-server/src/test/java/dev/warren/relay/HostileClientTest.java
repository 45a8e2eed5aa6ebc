package dev.warren.relay;

import static dev.warren.relay.TestRelay.await;
import static dev.warren.relay.TestRelay.count;
import static dev.warren.relay.TestRelay.gauge;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.protocol.derp.Frame;
import dev.warren.protocol.derp.FrameCodec;
import dev.warren.protocol.derp.Payload;
import dev.warren.protocol.derp.Upgrade;
import dev.warren.protocol.key.NodePrivateKey;
import dev.warren.protocol.key.NodePublicKey;
import dev.warren.protocol.testing.Hex;
import dev.warren.relay.client.RelayContext;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Clients that mean harm, and what others notice of them: nothing. */
@Timeout(60)
class HostileClientTest {
    private static final NodePublicKey NOBODY =
            NodePrivateKey.generate(new SecureRandom()).publicKey();

    /** How far a client gets that gives one byte at a time. */
    enum Phase {
        TLS,
        HTTP,
        LOGIN
    }

    @TempDir
    Path folder;

    private final List<AutoCloseable> opened = new ArrayList<>();

    @AfterEach
    void stop() throws Exception {
        for (AutoCloseable each : opened.reversed()) {
            each.close();
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldEndWhoGivesAByteAtATime(Phase phase) throws Exception {
        RelayContext.Timing timing = new RelayContext.Timing(1_000, 10_000, 60_000);
        RelayServer relay = opening(TestRelay.start(folder, phase == Phase.TLS, timing, null));
        Socket socket = opening(new Socket(InetAddress.getLoopbackAddress(), relay.port()));
        byte[] all =
                switch (phase) {
                    // A record of 512 bytes with the beginning of a ClientHello.
                    case TLS -> Hex.bytes("16 0301 0200 01 0001fc 0303", "00".repeat(500));
                    case HTTP -> ("GET /derp HTTP/1.1\r\nX: " + "x".repeat(500)).getBytes(StandardCharsets.US_ASCII);
                    case LOGIN -> {
                        socket.getOutputStream().write(Upgrade.fastRequest("relay"));
                        socket.getInputStream().readNBytes(45);
                        yield Hex.bytes("02 00000100", "00".repeat(256));
                    }
                };
        socket.setSoTimeout(20);
        boolean ended = false;
        for (int i = 0; i < all.length && !ended; i++) {
            ended = isEndedAfter(socket, all[i]);
        }
        assertTrue(ended, "it may go on for ever");
        await("the end is counted", () -> count(relay, "warren.relay.ended", "reason", "login_timeout") == 1);
    }

    /** Whether the relay ends the connection within the socket's time limit after the byte, or has before. */
    private static boolean isEndedAfter(Socket socket, byte next) throws IOException {
        try {
            socket.getOutputStream().write(next);
            return socket.getInputStream().read() < 0;
        } catch (SocketTimeoutException goesOn) {
            return false;
        } catch (SocketException reset) {
            return true; // The byte came when the other end was closed already.
        }
    }

    @Test
    void shouldOnlyCountAFloodForSomebodyWhoIsNotHere() throws Exception {
        RelayServer relay = opening(TestRelay.plain(folder));
        TestClient flooder = opening(TestClient.connect(relay.port()));
        TestClient a = opening(TestClient.connect(relay.port()));
        TestClient b = opening(TestClient.connect(relay.port()));
        byte[] frame = FrameCodec.encode(new Frame.SendPacket(NOBODY, Payload.of(new byte[1000])));
        byte[] burst = new byte[64 * frame.length];
        for (int i = 0; i < 64; i++) {
            System.arraycopy(frame, 0, burst, i * frame.length, frame.length);
        }
        AtomicBoolean enough = new AtomicBoolean();
        CompletableFuture<Long> flood = CompletableFuture.supplyAsync(
                () -> {
                    long bursts = 0;
                    try {
                        for (; !enough.get(); bursts++) {
                            flooder.raw(burst);
                        }
                    } catch (IOException ended) {
                        throw new java.io.UncheckedIOException(ended);
                    }
                    return bursts;
                },
                task -> Thread.ofPlatform().start(task));
        await("the flood runs", () -> count(relay, "warren.relay.dropped") > 10_000);
        for (int i = 0; i < 500; i++) {
            Payload packet = Payload.of(new byte[] {(byte) i, (byte) (i >> 8)});
            a.send(new Frame.SendPacket(b.publicKey(), packet));
            assertEquals(new Frame.RecvPacket(a.publicKey(), packet), b.next());
        }
        enough.set(true);
        long packets = flood.get(10, TimeUnit.SECONDS) * 64;
        assertTrue(flooder.settled().isEmpty(), "it is told nothing");
        assertEquals((double) packets, count(relay, "warren.relay.dropped", "reason", "unknown_destination"));
        assertEquals((double) packets, count(relay, "warren.relay.dropped"));
        assertEquals((double) (packets + 500), count(relay, "warren.relay.received.packets"));
        assertEquals(0, count(relay, "warren.relay.ended"));
        assertEquals(3, gauge(relay, "warren.relay.connections"));
    }

    /** The answers that nobody takes wait where they take no memory: as requests that the relay has not read. */
    @Test
    void shouldAnswerNoFurtherThanItsAnswersAreTaken() throws Exception {
        RelayServer relay =
                opening(TestRelay.start(folder, false, new RelayContext.Timing(2_000, 10_000, 60_000), null));
        byte[] requests = "GET / HTTP/1.1\r\n\r\n".repeat(1000).getBytes(StandardCharsets.US_ASCII);
        int offered = 0;
        try (Socket greedy = new Socket()) {
            greedy.setReceiveBufferSize(64 << 10);
            greedy.connect(TestRelay.loopback(relay.port()));
            for (; offered < 1_000_000; offered += 1000) {
                greedy.getOutputStream().write(requests);
            }
        } catch (SocketException ended) {
            // Its time for a login is over.
        }
        await("the end is counted", () -> count(relay, "warren.relay.ended") == 1);
        // Some hundred, as the sockets' buffers are; without a bound all that the time is enough for.
        double answers = count(relay, "warren.relay.http.answers");
        assertTrue(answers > 0 && answers < 10_000, answers + " answers to " + offered + " requests");
    }

    /** Unknown frames as long as they may be: skipped, whatever they hold, and never kept. */
    @Test
    void shouldSkipAStreamOfLongUnknownFrames() throws Exception {
        RelayServer relay = opening(TestRelay.plain(folder));
        TestClient a = opening(TestClient.connect(relay.port()));
        byte[] longest = new byte[5 + Frame.MAX_UNKNOWN_FROM_CLIENT];
        longest[0] = 0x7f;
        longest[1] = (byte) (Frame.MAX_UNKNOWN_FROM_CLIENT >> 24);
        longest[2] = (byte) (Frame.MAX_UNKNOWN_FROM_CLIENT >> 16);
        longest[3] = (byte) (Frame.MAX_UNKNOWN_FROM_CLIENT >> 8);
        longest[4] = (byte) Frame.MAX_UNKNOWN_FROM_CLIENT;
        for (int i = 0; i < 500; i++) {
            a.raw(longest);
        }
        assertTrue(a.settled().isEmpty());
        assertEquals(500, count(relay, "warren.relay.unknown.frames"));
        assertEquals(0, count(relay, "warren.relay.ended"));
    }

    private <T extends AutoCloseable> T opening(T made) {
        opened.add(made);
        return made;
    }
}
