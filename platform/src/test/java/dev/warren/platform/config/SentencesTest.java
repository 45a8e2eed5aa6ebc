package dev.warren.platform.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the JDK's HTTP client does not say; sentences about files and listeners are in {@code ProgramTest}. */
@Timeout(30)
class SentencesTest {
    @Test
    void shouldSayThatNobodyIsThere() throws Exception {
        int port;
        try (ServerSocket gone = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = gone.getLocalPort();
        }
        assertEquals("the connection was refused, or there is no way there", failure("http://127.0.0.1:" + port + "/"));
    }

    @Test
    void shouldSayThatAHostIsUnknown() {
        assertEquals("the host is unknown: check its name and this machine's DNS", failure("http://nowhere.invalid/"));
    }

    @Test
    void shouldGoOnInLowerCaseButForAbbreviations() {
        assertEquals("cannot open x", Sentences.lowerFirst("Cannot open x"));
        assertEquals("UDP port 1 is in use", Sentences.lowerFirst("UDP port 1 is in use"));
        assertEquals("a", Sentences.lowerFirst("A"));
        assertEquals("", Sentences.lowerFirst(""));
    }

    private static String failure(String url) {
        try (HttpClient http = HttpClient.newHttpClient()) {
            HttpRequest request = HttpRequest.newBuilder(URI.create(url)).build();
            return Sentences.describe(assertThrows(
                    CompletionException.class, () -> http.sendAsync(request, HttpResponse.BodyHandlers.discarding())
                            .join()));
        }
    }
}
