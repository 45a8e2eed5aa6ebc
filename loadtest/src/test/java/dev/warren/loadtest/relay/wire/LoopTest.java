package dev.warren.loadtest.relay.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.platform.linux.Clock;
import dev.warren.platform.linux.Poller;
import dev.warren.platform.linux.TcpOptions;
import dev.warren.platform.tls.Pin;
import dev.warren.platform.tls.SelfSignedCertificate;
import dev.warren.platform.tls.ServerCredentials;
import dev.warren.protocol.key.NodePrivateKey;
import dev.warren.relay.RelayConfig;
import dev.warren.relay.RelayServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(30)
class LoopTest {
    private static final NodePrivateKey KEY = NodePrivateKey.generate(new SecureRandom());
    private static final long PATIENCE_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

    private final Heard heard = new Heard();

    /** What the loop told. */
    private static final class Heard implements Connection.Owner {
        final List<String> events = new ArrayList<>();

        @Override
        public void opened(Connection connection) {
            events.add("opened " + connection.protection());
        }

        @Override
        public void packet(Connection connection, InboundFrames packet) {
            events.add("packet");
        }

        @Override
        public void ended(Connection connection, String reason) {
            events.add(reason);
        }
    }

    @ParameterizedTest
    @CsvSource({"http, login", "https, connection"})
    void shouldNotWaitForeverForAServerThatSaysNothing(String scheme, String what) throws IOException {
        try (ServerSocket silent = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
                Loop loop = loop(scheme + "://127.0.0.1:" + silent.getLocalPort(), new Trust.Anything())) {
            loop.connect(KEY, TcpOptions.DEFAULT, heard);
            await(loop);
            assertEquals(List.of("it did not complete the " + what + " within 200 ms"), heard.events);
        }
    }

    @ParameterizedTest
    @EnumSource(Loop.Use.class)
    void shouldLogInWhateverTlsIsUsed(Loop.Use use, @TempDir Path folder) throws IOException {
        try (RelayServer relay = relay(folder);
                Loop loop =
                        new Loop(Target.parse("https://localhost:" + relay.port()), new Trust.Anything(), 100, use)) {
            Connection connection = loop.connect(KEY, TcpOptions.DEFAULT, heard);
            await(loop);
            assertEquals(List.of("opened TLSv1.3 TLS_AES_128_GCM_SHA256"), heard.events);
            assertEquals(Connection.Phase.OPEN, connection.phase());
            assertEquals(1, loop.opened());
            connection.close();
            connection.close();
            assertEquals(Connection.Phase.CLOSED, connection.phase());
            assertEquals(1, heard.events.size());
        }
    }

    @ParameterizedTest
    @EnumSource(Loop.Use.class)
    void shouldCheckCertificatesWhateverTlsIsUsed(Loop.Use use, @TempDir Path folder) throws IOException {
        try (RelayServer relay = relay(folder)) {
            ServerCredentials credentials = SelfSignedCertificate.loadOrCreate(
                    folder.resolve("cert.pem"), folder.resolve("key.pem"), "localhost");
            Pin pin = Pin.of(credentials.certificate());
            Pin other = new Pin("ab".repeat(32));
            Target target = Target.parse("https://localhost:" + relay.port());
            for (Trust trust : List.of(new Trust.Authorities(), new Trust.Pinned(other), new Trust.Pinned(pin))) {
                try (Loop loop = new Loop(target, trust, 100, use)) {
                    loop.connect(KEY, TcpOptions.DEFAULT, heard);
                    await(loop);
                }
            }
            assertEquals(3, heard.events.size());
            assertTrue(heard.events.get(0).contains("or --pin " + pin), heard.events.toString());
            assertTrue(heard.events.get(1).contains("not the one that was expected"), heard.events.toString());
            assertEquals("opened TLSv1.3 TLS_AES_128_GCM_SHA256", heard.events.get(2));
        }
    }

    /** A token that is free again never gets the events of the connection that had it before. */
    @Test
    void shouldUseTokensAgain(@TempDir Path folder) throws IOException {
        try (RelayServer relay = relay(folder);
                Loop loop = loop("https://localhost:" + relay.port(), new Trust.Anything())) {
            for (int i = 0; i < 20; i++) {
                Connection connection = loop.connect(KEY, TcpOptions.DEFAULT, heard);
                if (i % 3 == 0) {
                    connection.close();
                } else {
                    heard.events.clear();
                    await(loop);
                    assertEquals(List.of("opened TLSv1.3 TLS_AES_128_GCM_SHA256"), heard.events);
                    connection.close();
                }
            }
        }
    }

    private void await(Loop loop) throws IOException {
        int before = heard.events.size();
        long deadline = Clock.bootTimeNanos() + TimeUnit.SECONDS.toNanos(10);
        while (heard.events.size() == before && Clock.bootTimeNanos() < deadline) {
            loop.turn(Math.min(deadline, Poller.NEVER));
        }
    }

    private static Loop loop(String url, Trust trust) throws IOException {
        boolean silent = url.contains("127.0.0.1");
        return new Loop(
                Target.parse(url),
                trust,
                100,
                Loop.Use.PACKETS,
                silent ? PATIENCE_NANOS : TimeUnit.SECONDS.toNanos(10));
    }

    private static RelayServer relay(Path folder) throws IOException {
        return RelayServer.start(new RelayConfig(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                folder.resolve("relay.key"),
                new RelayConfig.Tls(folder.resolve("cert.pem"), folder.resolve("key.pem"), true),
                new RelayConfig.Place("localhost", 900),
                null,
                null,
                RelayConfig.Tuning.standard()));
    }
}
