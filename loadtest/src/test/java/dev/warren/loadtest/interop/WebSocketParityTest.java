package dev.warren.loadtest.interop;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.warren.protocol.derp.Frame;
import dev.warren.protocol.derp.FrameCodec;
import dev.warren.protocol.derp.Payload;
import dev.warren.protocol.key.NodePublicKey;
import dev.warren.protocol.testing.Hex;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The same said in WebSocket messages to our relay and to a stock derper, by the JDK's client. */
@Timeout(60)
class WebSocketParityTest {
    @TempDir
    Path folder;

    private final List<RelayUnderTest> relays = new ArrayList<>();
    private final HttpClient http = HttpClient.newHttpClient();

    /** What a WebSocket was told. */
    private static final class Heard implements WebSocket.Listener {
        final BlockingQueue<String> events = new LinkedBlockingQueue<>();

        @Override
        public @Nullable CompletionStage<?> onBinary(WebSocket socket, ByteBuffer data, boolean last) {
            byte[] bytes = new byte[Math.min(data.remaining(), Frame.HEADER_LENGTH + 8)];
            data.get(bytes);
            events.add("binary " + Hex.text(bytes));
            socket.request(1);
            return null;
        }

        @Override
        public @Nullable CompletionStage<?> onClose(WebSocket socket, int statusCode, String reason) {
            events.add("close " + statusCode);
            return null;
        }

        @Override
        public void onError(WebSocket socket, Throwable error) {
            events.add(error.toString());
        }

        String next() throws InterruptedException {
            return String.valueOf(events.poll(10, TimeUnit.SECONDS));
        }
    }

    @BeforeEach
    void start() throws Exception {
        relays.add(RelayUnderTest.ours(folder));
        relays.add(RelayUnderTest.derper(folder));
    }

    @AfterEach
    void stop() throws Exception {
        http.shutdownNow();
        for (RelayUnderTest relay : relays) {
            relay.close();
        }
    }

    @Test
    void shouldSayItsKeyInABinaryMessage() throws Exception {
        for (RelayUnderTest relay : relays) {
            Heard heard = new Heard();
            WebSocket socket = open(relay, "derp", heard);
            assertEquals("derp", socket.getSubprotocol());
            assertEquals("binary 0100000028" + "44455250f09f9491", heard.next());
        }
    }

    @Test
    void shouldRefuseText() throws Exception {
        for (RelayUnderTest relay : relays) {
            Heard heard = new Heard();
            WebSocket socket = open(relay, "derp", heard);
            heard.next();
            socket.sendText("hello", true).get(10, TimeUnit.SECONDS);
            assertEquals("close 1003", heard.next());
        }
    }

    @Test
    void shouldRefuseAnotherSubprotocol() throws Exception {
        for (RelayUnderTest relay : relays) {
            Heard heard = new Heard();
            assertEquals("", open(relay, "derp2", heard).getSubprotocol());
            assertEquals("close 1008", heard.next());
        }
    }

    /** On purpose: derper takes 32 KiB in a message, and a packet has up to 64. */
    @Test
    void shouldDifferInTheLengthOfMessages() throws Exception {
        List<String> ends = new ArrayList<>();
        for (RelayUnderTest relay : relays) {
            Heard heard = new Heard();
            WebSocket socket = open(relay, "derp", heard);
            heard.next();
            // A login of 40,000 bytes is one that is too long for derper's WebSocket, and in ours a box that does not
            // open.
            byte[] login = FrameCodec.encode(
                    new Frame.ClientHello(NodePublicKey.of(new byte[32]), Payload.of(new byte[40_000])));
            socket.sendBinary(ByteBuffer.wrap(login), true).get(10, TimeUnit.SECONDS);
            ends.add(heard.next());
        }
        assertEquals(List.of("close 1000", "close 1009"), ends);
    }

    private WebSocket open(RelayUnderTest relay, String subprotocol, Heard heard) throws Exception {
        return http.newWebSocketBuilder()
                .subprotocols(subprotocol)
                .buildAsync(URI.create("ws://127.0.0.1:" + relay.port() + "/derp"), heard)
                .get(10, TimeUnit.SECONDS);
    }
}
