package dev.warren.relay.admission;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.warren.protocol.key.NodePrivateKey;
import dev.warren.protocol.key.NodePublicKey;
import dev.warren.relay.admission.Admission.Verdict;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is made of the answers of a verify URL, byte by byte, and of those that never end. */
@Timeout(30)
class UrlAdmissionTest {
    private static final NodePublicKey CLIENT =
            NodePrivateKey.generate(new SecureRandom()).publicKey();
    private static final InetAddress SOURCE = InetAddress.ofLiteral("192.0.2.1");
    private static final String LONG = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n";

    private ServerSocket listener = unbound();

    private static ServerSocket unbound() {
        try {
            return new ServerSocket();
        } catch (IOException impossible) {
            throw new AssertionError(impossible);
        }
    }

    @BeforeEach
    void listen() throws IOException {
        listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    }

    @AfterEach
    void close() throws IOException {
        listener.close();
    }

    /** As derper reads it: by Go's JSON, which takes names in any case and the last of several. */
    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '`',
            value = {
                "{\"Allow\":true}; ALLOWED",
                "{\"allow\":true}; ALLOWED",
                "{\"ALLOW\":false}; DENIED",
                "{\"Allow\":true,\"allow\":false}; DENIED",
                "{\"Allowed\":true}; BAD_ANSWER",
                "{\"Allow\":1}; BAD_ANSWER",
                "[{\"Allow\":true}]; BAD_ANSWER",
                "``; BAD_ANSWER",
            })
    void shouldReadTheAnswerAsGoDoes(String body, Verdict verdict) throws Exception {
        try (UrlAdmission url = url(Duration.ofSeconds(10))) {
            CompletableFuture<Verdict> asked = url.admit(CLIENT, SOURCE);
            try (Socket question = listener.accept()) {
                say(question, "HTTP/1.1 200 OK\r\nContent-Length: " + body.length() + "\r\n\r\n" + body);
                assertEquals(verdict, asked.get(10, TimeUnit.SECONDS));
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"true, BAD_ANSWER", "false, UNREACHABLE"})
    void shouldNotWaitForTheRestOfAnAnswerOrForOneThatSaysNothing(boolean begins, Verdict verdict) throws Exception {
        try (UrlAdmission url = url(Duration.ofMillis(500))) {
            CompletableFuture<Verdict> asked = url.admit(CLIENT, SOURCE);
            try (Socket question = listener.accept()) {
                say(question, begins ? LONG + "{\"Allow\":true," : "");
                assertEquals(verdict, asked.get(10, TimeUnit.SECONDS));
                assertEnds(question);
            }
        }
    }

    @Test
    void shouldNotTakeAnAnswerThatBreaksOff() throws Exception {
        try (UrlAdmission url = url(Duration.ofSeconds(10))) {
            CompletableFuture<Verdict> asked = url.admit(CLIENT, SOURCE);
            try (Socket question = listener.accept()) {
                say(question, LONG + "{\"Allow\":true}");
                // Not closed: with the question unread that would be a reset, which may take back what was said.
                question.shutdownOutput();
                assertEquals(Verdict.BAD_ANSWER, asked.get(10, TimeUnit.SECONDS));
            }
        }
    }

    private UrlAdmission url(Duration timeout) {
        return new UrlAdmission(URI.create("http://127.0.0.1:" + listener.getLocalPort() + "/v"), null, timeout);
    }

    private static void say(Socket question, String answer) throws IOException {
        question.getOutputStream().write(answer.getBytes(StandardCharsets.US_ASCII));
    }

    /** The relay keeps no connection for an answer that it does not wait for any more. */
    private static void assertEnds(Socket question) throws IOException {
        question.setSoTimeout(10_000);
        question.getInputStream().readAllBytes();
    }
}
