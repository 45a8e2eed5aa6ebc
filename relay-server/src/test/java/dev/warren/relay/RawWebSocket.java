package dev.warren.relay;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.protocol.testing.Hex;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** A WebSocket by hand, for what no client library sends. */
final class RawWebSocket implements AutoCloseable {
    private final Socket socket;

    private RawWebSocket(Socket socket) {
        this.socket = socket;
    }

    /** A WebSocket on which the relay has said its key. */
    static RawWebSocket open(int port) throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
        String request = String.join(
                "\r\n",
                "GET /derp HTTP/1.1",
                "Host: relay",
                "Connection: Upgrade",
                "Upgrade: websocket",
                "Sec-WebSocket-Version: 13",
                "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
                "Sec-WebSocket-Protocol: derp",
                "",
                "");
        socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
        RawWebSocket raw = new RawWebSocket(socket);
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            head.append((char) socket.getInputStream().read());
        }
        assertTrue(head.toString().startsWith("HTTP/1.1 101 "), head.toString());
        // The first message: 45 bytes, the frame with the relay's key.
        assertTrue(raw.read(47).startsWith("822d" + "0100000028" + "44455250f09f9491"));
        return raw;
    }

    void write(String hex) throws IOException {
        write(Hex.bytes(hex));
    }

    void write(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
    }

    String read(int count) throws IOException {
        return Hex.text(socket.getInputStream().readNBytes(count));
    }

    /** The relay's close frame: type and status, without its length and reason; nothing comes behind it. */
    String closeFrame() throws IOException {
        byte[] rest = socket.getInputStream().readAllBytes();
        assertTrue(rest.length >= 4 && rest.length == 2 + rest[1], Hex.text(rest));
        return Hex.text(rest, 0, 1) + Hex.text(rest, 2, 2);
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
