package dev.warren.platform.acme;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.shredzone.acme4j.exception.AcmeException;
import org.shredzone.acme4j.exception.AcmeNetworkException;

/** Authorities that do not do what they should; the good ones are in loadtest's {@code AcmeInteropTest}. */
@Timeout(30)
class AcmeRenewalTest {
    @TempDir
    Path folder;

    @Test
    void shouldSayWhatIsWrongWithTheWayThere() {
        assertEquals(
                "the connection was refused, or there is no way there",
                AcmeRenewal.sentence(new AcmeNetworkException(new ConnectException())));
        assertEquals("no such name", AcmeRenewal.sentence(new AcmeException("no such name")));
    }

    /** Without an end of its own the order would wait for ever, and the certificate would end one day. */
    @Test
    void shouldGiveUpAnOrderWhoseAnswerIsLeftHalfSaid() throws Exception {
        SimpleMeterRegistry registry = new SimpleMeterRegistry();
        try (ServerSocket authority = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            URI directory = URI.create("http://127.0.0.1:" + authority.getLocalPort() + "/directory");
            AcmeConfig config = new AcmeConfig(directory, null, null, null, "relay.example", folder.resolve("acme"));
            try (AcmeRenewal _ = AcmeRenewal.start(
                            config, new HttpChallenges(), registry, () -> {}, Duration.ofMillis(1_500));
                    Socket asked = authority.accept()) {
                asked.getOutputStream()
                        .write("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n{"
                                .getBytes(StandardCharsets.US_ASCII));
                double failed = 0;
                long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
                while (failed == 0 && System.nanoTime() < deadline) {
                    LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
                    failed = registry.get("warren.acme.orders")
                            .tag("result", "failed")
                            .counter()
                            .count();
                }
                assertEquals(1, failed);
                // It lets go of the connection, too.
                asked.getInputStream().readAllBytes();
            }
        }
    }
}
