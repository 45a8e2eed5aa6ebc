package dev.warren.relay;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import dev.warren.platform.tls.Pin;
import dev.warren.protocol.derp.Frame;
import dev.warren.protocol.derp.ServerInfo;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A client of TLS 1.2 may ask for another handshake on a connection that it has, again and again, each of which costs the
 * server several times what it costs the client. Nobody needs that (TLS 1.3 has none), so it ends the connection.
 */
@Timeout(60)
class RenegotiationTest {
    private static final Pattern PORT = Pattern.compile("127\\.0\\.0\\.1:(\\d+)");
    private static final Pattern PIN = Pattern.compile("sha256-raw:[0-9a-f]{64}");

    @TempDir
    Path folder;

    /** In a JVM of its own: what the JDK allows is settled at the first handshake of a process. */
    @ParameterizedTest
    @ValueSource(strings = {"boringssl", "jdk"})
    void shouldEndTheConnectionOfWhoAsksForAnotherHandshake(String engine) throws Exception {
        try (RelayProcess relay = RelayProcess.start(
                "--tls-engine",
                engine,
                "--listen",
                "127.0.0.1:0",
                "--hostname",
                "127.0.0.1",
                "--ops-listen",
                ":0",
                "--node-key",
                folder.resolve("relay.key").toString())) {
            String entry = relay.outputLine("for others:");
            int port = Integer.parseInt(found(PORT, entry).group(1));
            Pin pin = Pin.parse(found(PIN, entry).group());
            try (TestClient bystander = TestClient.tls(port, pin, "TLSv1.2")) {
                assertInstanceOf(ServerInfo.class, bystander.next());
                try (TestClient asking = TestClient.tls(port, pin, "TLSv1.2")) {
                    assertInstanceOf(ServerInfo.class, asking.next());
                    ((SSLSocket) asking.socket).startHandshake();
                    assertEquals(TestClient.END, asking.next());
                }
                bystander.send(new Frame.Ping(7));
                assertEquals(new Frame.Pong(7), bystander.next());
            }
        }
    }

    private static Matcher found(Pattern pattern, String text) {
        Matcher matcher = pattern.matcher(text);
        if (!matcher.find()) {
            throw new AssertionError("no " + pattern + " in " + text);
        }
        return matcher;
    }
}
