package dev.warren.relay;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.platform.tls.Pin;
import dev.warren.platform.tls.PinnedTrust;
import dev.warren.protocol.testing.Hex;
import dev.warren.relay.client.RelayContext;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What TLS handshakes a relay takes. */
@Timeout(30)
class TlsTest {
    @TempDir
    Path folder;

    private RelayServer relay;

    @BeforeEach
    void start() throws Exception {
        relay = TestRelay.start(folder, true, RelayContext.Timing.DEFAULT, null);
    }

    @AfterEach
    void stop() {
        relay.close();
    }

    /** The relay's own host name is 127.0.0.1: derper would refuse all but that, and people patch it for that. */
    @ParameterizedTest
    @ValueSource(strings = {"", "localhost", "somebody-else.example"})
    void shouldTakeAnyServerName(String name) throws Exception {
        SSLParameters parameters = new SSLParameters();
        List<SNIServerName> names = name.isEmpty() ? List.of() : List.of(new SNIHostName(name));
        parameters.setServerNames(names);
        assertEquals("", probe(parameters));
    }

    @Test
    void shouldAgreeOnNoProtocol() throws Exception {
        SSLParameters parameters = new SSLParameters();
        parameters.setApplicationProtocols(new String[] {"h2", "http/1.1"});
        assertEquals("", probe(parameters));
        assertEquals(1, TestRelay.count(relay, "warren.relay.tls.handshakes", "version", "TLSv1.3"));
    }

    @Test
    void shouldRefuseWhatIsOlderThanTls12() throws Exception {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), relay.port())) {
            socket.getOutputStream().write(clientHello("0302"));
            // An alert: fatal, protocol_version (RFC 5246 section 7.2).
            String alert = Hex.text(socket.getInputStream().readAllBytes());
            assertTrue(alert.matches("1503..0002" + "0246"), alert);
        }
        TestRelay.await(
                "the end is counted", () -> TestRelay.count(relay, "warren.relay.ended", "reason", "failed") == 1);
    }

    /** Asks /derp/probe over a connection with these parameters; gives the protocol that was agreed on. */
    private String probe(SSLParameters parameters) throws Exception {
        Pin pin = Pin.parse("" + relay.mapEntry().nodes().getFirst().trust().pin());
        try (SSLSocket socket = (SSLSocket) PinnedTrust.clientContext(Set.of(pin))
                .getSocketFactory()
                .createSocket(InetAddress.getLoopbackAddress(), relay.port())) {
            socket.setSSLParameters(parameters);
            socket.getOutputStream()
                    .write("GET /derp/probe HTTP/1.1\r\nConnection: close\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
            assertTrue(answer.startsWith("HTTP/1.1 200 "), answer);
            return socket.getApplicationProtocol();
        }
    }

    /** A ClientHello (RFC 5246 section 7.4.1.2) whose highest version is {@code version}. */
    private static byte[] clientHello(String version) {
        String ciphers = "c009" + "c00a" + "c013" + "c014";
        String groups = "000a" + "0004" + "0002" + "0017";
        String formats = "000b" + "0002" + "0100";
        String body = version
                + "11".repeat(32) // random
                + "00" // no session
                + length(ciphers, 2)
                + ciphers
                + "0100" // no compression
                + length(groups + formats, 2)
                + groups
                + formats;
        String handshake = "01" + length(body, 3) + body;
        return Hex.bytes("16" + "0301" + length(handshake, 2) + handshake);
    }

    private static String length(String hex, int bytes) {
        return String.format("%0" + 2 * bytes + "x", hex.length() / 2);
    }
}
