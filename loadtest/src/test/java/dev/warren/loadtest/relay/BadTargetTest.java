package dev.warren.loadtest.relay;

import static dev.warren.loadtest.relay.RelayLoadTest.load;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.platform.config.UserError;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Targets that are no relays: one clear sentence each. */
@Timeout(30)
class BadTargetTest {
    /** A server that says the same to everybody and hangs up, once it has heard something. */
    private static final class Parrot implements AutoCloseable {
        private final ServerSocket listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        private final byte[] answer;

        Parrot(byte[] answer) throws IOException {
            this.answer = answer;
            Thread.ofVirtual().start(this::serve);
        }

        private void serve() {
            while (true) {
                try (Socket socket = listener.accept()) {
                    var _ = socket.getInputStream().read(new byte[4096]);
                    socket.getOutputStream().write(answer);
                    socket.shutdownOutput();
                    var _ = socket.getInputStream().read();
                } catch (IOException gone) {
                    if (listener.isClosed()) {
                        return;
                    }
                }
            }
        }

        String hostPort() {
            return "127.0.0.1:" + listener.getLocalPort();
        }

        @Override
        public void close() throws IOException {
            listener.close();
        }
    }

    @Test
    void shouldSayThatNobodyListens() throws Exception {
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        assertEquals(
                "no client can log in at http://127.0.0.1:" + port + ": cannot connect to 127.0.0.1:" + port
                        + ": ECONNREFUSED, connection refused",
                sentence("http://127.0.0.1:" + port));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    http  | HTTP/1.1 404 Not Found~~    | the server answered 404 to the upgrade: there is no relay behind this address
                    http  | HTTP/1.1 400 Bad Request~~no| it answered 400 to the upgrade: if it wants TLS, write https://, else there is no relay
                    http  | SSH-2.0-OpenSSH_9.2~        | it does not answer in HTTP: there is no relay there
                    http  | HTTP/1.1 101 Go~~XXXXXXXXXX | its first frames are no relay's: one is too long
                    http  | HTTP/1.1 101 Go~~^0000XXXXX | the server's first frame has the type 94
                    http  | HTTP/1.1                    | it closed the connection before the login
                    https | HTTP/1.1 400 Bad Request~~  | if it speaks plain HTTP, write http://
                    """)
    void shouldSayWhatElseIsThere(String scheme, String answer, String expected) throws Exception {
        byte[] bytes = answer.replace("~", "\r\n").getBytes(StandardCharsets.ISO_8859_1);
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = bytes[i] == '0' && i > 18 ? 0 : bytes[i];
        }
        try (Parrot parrot = new Parrot(bytes)) {
            String sentence = sentence(scheme + "://" + parrot.hostPort());
            assertTrue(
                    sentence.startsWith("no client can log in at " + scheme + "://" + parrot.hostPort() + ": "),
                    sentence);
            assertTrue(sentence.contains(expected), sentence);
        }
    }

    @ParameterizedTest
    @CsvSource({"http", "https"})
    void shouldSayThatItHangsUp(String scheme) throws Exception {
        try (Parrot parrot = new Parrot(new byte[0])) {
            String sentence = sentence(scheme + "://" + parrot.hostPort());
            assertTrue(sentence.endsWith("it closed the connection before the login"), sentence);
        }
    }

    @Test
    void shouldSayThatItWantsTls() throws Exception {
        try (Parrot parrot = new Parrot(new byte[] {0x15, 3, 3, 0, 2, 2, 50})) {
            String sentence = sentence("http://" + parrot.hostPort());
            assertTrue(sentence.endsWith("it answered in TLS: write https:// for this target"), sentence);
        }
    }

    private static String sentence(String target) {
        String about = "target=" + target + " pairs=1";
        String sentence =
                String.valueOf(assertThrows(UserError.class, () -> load(about)).getMessage());
        String storm = String.valueOf(assertThrows(UserError.class, () -> load(about + " connect-storm=0"))
                .getMessage());
        // The two kinds of TLS put the same into other words.
        assertEquals(sentence.replaceAll("\\(.*\\)", ""), storm.replaceAll("\\(.*\\)", ""));
        return sentence;
    }
}
