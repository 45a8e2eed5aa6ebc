package dev.warren.relay;

import dev.warren.platform.tls.Pin;
import dev.warren.platform.tls.PinnedTrust;
import dev.warren.protocol.derp.ClientInfo;
import dev.warren.protocol.derp.ClientSession;
import dev.warren.protocol.derp.DerpNode;
import dev.warren.protocol.derp.Frame;
import dev.warren.protocol.derp.Payload;
import dev.warren.protocol.derp.ServerInfo;
import dev.warren.protocol.key.NodePrivateKey;
import dev.warren.protocol.key.NodePublicKey;
import dev.warren.protocol.testing.Hex;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A DERP client on the JDK's WebSocket; every frame it gets waits in a queue, and so do pongs and the close. */
final class WebSocketTestClient implements AutoCloseable, ClientSession.Events, WebSocket.Listener {
    private final NodePrivateKey key = NodePrivateKey.generate(new SecureRandom());
    private final BlockingQueue<Object> events = new LinkedBlockingQueue<>();
    private final HttpClient http;
    private @Nullable WebSocket socket;
    private @Nullable ClientSession session;
    private int messageBytes;
    private int longestMessage;

    private WebSocketTestClient(HttpClient http) {
        this.http = http;
    }

    /** Connects and waits until the relay has let it in. */
    static WebSocketTestClient connect(RelayServer relay) throws Exception {
        return connect(relay, "");
    }

    /** As {@link #connect(RelayServer)}, of a client that would rather be at the node {@code idealNode}. */
    static WebSocketTestClient connect(RelayServer relay, String idealNode) throws Exception {
        WebSocketTestClient client = open(relay, "derp", idealNode);
        if (!(client.next() instanceof ServerInfo)) {
            throw new AssertionError("the relay did not let the client in");
        }
        return client;
    }

    /** Opens a WebSocket with this subprotocol. */
    static WebSocketTestClient open(RelayServer relay, String subprotocol) throws Exception {
        return open(relay, subprotocol, "");
    }

    private static WebSocketTestClient open(RelayServer relay, String subprotocol, String idealNode) throws Exception {
        DerpNode.Trust trust = relay.mapEntry().nodes().getFirst().trust();
        HttpClient.Builder builder = HttpClient.newBuilder();
        if (!trust.plaintext()) {
            builder.sslContext(PinnedTrust.clientContext(Set.of(Pin.parse("" + trust.pin()))));
        }
        WebSocketTestClient client = new WebSocketTestClient(builder.build());
        URI uri = URI.create((trust.plaintext() ? "ws" : "wss") + "://127.0.0.1:" + relay.port() + "/derp");
        client.session = ClientSession.start(client.key, ClientInfo.node(), new byte[0], new SecureRandom(), client);
        byte[] upgraded = "HTTP/1.1 101 by the JDK\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
        client.session.receive(upgraded, 0, upgraded.length);
        client.socket = client.http
                .newWebSocketBuilder()
                .subprotocols(subprotocol)
                .header("Ideal-Node", idealNode)
                .buildAsync(uri, client)
                .get(10, TimeUnit.SECONDS);
        return client;
    }

    NodePublicKey publicKey() {
        return key.publicKey();
    }

    WebSocket socket() {
        return Objects.requireNonNull(socket);
    }

    String subprotocol() {
        return socket().getSubprotocol();
    }

    /** The bytes of the longest message that came. */
    int longestMessage() {
        return longestMessage;
    }

    /** Sends {@code bytes} and ends a message with them. */
    void message(byte[] bytes) throws Exception {
        socket().sendBinary(ByteBuffer.wrap(bytes), true).get(10, TimeUnit.SECONDS);
    }

    /** Sends {@code bytes} as part of a message that goes on. */
    void fragment(byte[] bytes) throws Exception {
        socket().sendBinary(ByteBuffer.wrap(bytes), false).get(10, TimeUnit.SECONDS);
    }

    /** The next frame, "pong HEX" or "close STATUS". */
    Object next() throws InterruptedException {
        Object event = events.poll(10, TimeUnit.SECONDS);
        if (event == null) {
            throw new AssertionError("nothing came in time");
        }
        return event;
    }

    @Override
    public @Nullable CompletionStage<?> onBinary(WebSocket webSocket, ByteBuffer data, boolean last) {
        messageBytes += data.remaining();
        longestMessage = Math.max(longestMessage, messageBytes);
        messageBytes = last ? 0 : messageBytes;
        socket = webSocket;
        byte[] bytes = new byte[data.remaining()];
        data.get(bytes);
        Objects.requireNonNull(session).receive(bytes, 0, bytes.length);
        webSocket.request(1);
        return null;
    }

    @Override
    public @Nullable CompletionStage<?> onPong(WebSocket webSocket, ByteBuffer message) {
        byte[] bytes = new byte[message.remaining()];
        message.get(bytes);
        events.add("pong " + Hex.text(bytes));
        webSocket.request(1);
        return null;
    }

    @Override
    public @Nullable CompletionStage<?> onClose(WebSocket webSocket, int statusCode, String reason) {
        events.add("close " + statusCode);
        return null;
    }

    @Override
    public void onError(WebSocket webSocket, Throwable error) {
        events.add(error);
    }

    @Override
    public void transmit(byte[] bytes) {
        if (bytes.length > 0) {
            socket().sendBinary(ByteBuffer.wrap(bytes), true).join();
        }
    }

    @Override
    public void connected(ServerInfo info) {
        events.add(info);
    }

    @Override
    public void packet(NodePublicKey source, byte[] buffer, int offset, int length) {
        events.add(new Frame.RecvPacket(source, Payload.of(buffer, offset, length)));
    }

    @Override
    public void frame(Frame frame) {
        events.add(frame);
    }

    @Override
    public void close() {
        socket().abort();
        http.shutdownNow();
    }
}
