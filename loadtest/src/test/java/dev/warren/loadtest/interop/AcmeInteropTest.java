package dev.warren.loadtest.interop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.loadtest.lab.Lab;
import dev.warren.platform.acme.AcmeConfig;
import dev.warren.platform.tls.SelfSignedCertificate;
import dev.warren.protocol.testing.FreePort;
import dev.warren.protocol.testing.Requirements;
import dev.warren.relay.RelayConfig;
import dev.warren.relay.RelayServer;
import dev.warren.relay.http.HomePage;
import io.micrometer.core.instrument.Counter;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A relay that has its certificate from Pebble, Let's Encrypt's ACME server for tests. */
@Timeout(120)
class AcmeInteropTest {
    private static final Duration LIMIT = Duration.ofSeconds(40);
    /** An address needs no DNS, and is what operators without a domain have. */
    private static final String HOST = "127.0.0.1";

    @TempDir
    Path folder;

    private Path log = Path.of("");
    private int acmePort;
    private int httpPort;
    private List<Process> processes = List.of();

    @AfterEach
    void end() throws InterruptedException {
        for (Process process : processes) {
            process.destroyForcibly().waitFor();
        }
    }

    @Test
    void shouldGetACertificateForAnAddressAndRenewItWithoutDroppingAConnection() throws Exception {
        preparePorts();
        startPebble(12);
        try (RelayServer relay = RelayServer.start(config())) {
            assertNull(relay.mapEntry().nodes().getFirst().trust().pin());
            Lab.await("the first certificate", LIMIT, log, () -> orders(relay, "done") == 1);
            try (SSLSocket early = connect(relay.port())) {
                X509Certificate first = certificate(early);
                assertTrue(first.getIssuerX500Principal().getName().contains("Pebble"), first::toString);
                for (String name : List.of("account.key.pem", "certificate.pem", "key.pem")) {
                    Path file = folder.resolve("relay.key.acme").resolve(name);
                    assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
                }
                String account = Files.readString(folder.resolve("relay.key.acme/account.key.pem"));

                Lab.await("the renewal", LIMIT, log, () -> orders(relay, "done") >= 2);
                try (SSLSocket late = connect(relay.port())) {
                    assertNotEquals(first, certificate(late));
                }
                assertEquals(account, Files.readString(folder.resolve("relay.key.acme/account.key.pem")));
                early.getOutputStream()
                        .write("GET /derp/probe HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                assertEquals('H', early.getInputStream().read());
            }
            assertEquals(0, orders(relay, "failed"));
        }
    }

    @Test
    void shouldUseWhatItHasAtARestartAndAskNobody() throws Exception {
        preparePorts();
        startPebble(3600);
        X509Certificate first;
        try (RelayServer relay = RelayServer.start(config())) {
            Lab.await("the certificate", LIMIT, log, () -> orders(relay, "done") == 1);
            first = certificate(connect(relay.port()));
        }
        end();
        try (RelayServer relay = RelayServer.start(config())) {
            assertEquals(first, certificate(connect(relay.port())));
            assertEquals(0, orders(relay, "failed") + orders(relay, "done"));
        }
    }

    @Test
    void shouldRunWithACertificateOfItsOwnWhileTheAuthorityIsDown() throws Exception {
        preparePorts();
        try (RelayServer relay = RelayServer.start(config())) {
            Lab.await("the failure", LIMIT, log, () -> orders(relay, "failed") == 1);
            X509Certificate own = certificate(connect(relay.port()));
            assertEquals(own.getIssuerX500Principal(), own.getSubjectX500Principal());
            assertFalse(Files.exists(folder.resolve("relay.key.acme/certificate.pem")));
        }
    }

    private RelayConfig config() {
        Path state = folder.resolve("relay.key.acme");
        AcmeConfig acme = new AcmeConfig(
                URI.create("https://127.0.0.1:" + acmePort + "/dir"),
                folder.resolve("pebble.pem"),
                "operator@example.org",
                null,
                HOST,
                state);
        InetSocketAddress anyPort = new InetSocketAddress(InetAddress.ofLiteral(HOST), 0);
        return new RelayConfig(
                        anyPort,
                        folder.resolve("relay.key"),
                        RelayConfig.Tls.from(acme),
                        new RelayConfig.Place(HOST, 900),
                        null,
                        null,
                        RelayConfig.Tuning.standard())
                .withWeb(new RelayConfig.Web(
                        new HomePage.Blank(), List.of(), new InetSocketAddress(InetAddress.ofLiteral(HOST), httpPort)));
    }

    private void preparePorts() throws IOException {
        acmePort = FreePort.next();
        httpPort = FreePort.next();
        log = folder.resolve("pebble.log");
        SelfSignedCertificate.write(
                SelfSignedCertificate.create(HOST, new SecureRandom(), Instant.now()),
                folder.resolve("pebble.pem"),
                folder.resolve("pebble.key"));
    }

    /** Pebble, whose certificates live for so many seconds. */
    private void startPebble(int lifeSeconds) throws Exception {
        Path pebble = Requirements.peer("pebble");
        Path config = Files.writeString(
                folder.resolve("pebble.json"),
                """
                {"pebble": {"listenAddress": "127.0.0.1:%d", "managementListenAddress": "",
                  "certificate": "%s", "privateKey": "%s", "httpPort": %d, "tlsPort": 1,
                  "keyAlgorithm": "ecdsa", "retryAfter": {"authz": 1, "order": 1},
                  "profiles": {"default": {"description": "x", "validityPeriod": %d}}}}
                """
                        .formatted(
                                acmePort,
                                folder.resolve("pebble.pem"),
                                folder.resolve("pebble.key"),
                                httpPort,
                                lifeSeconds));
        ProcessBuilder builder = new ProcessBuilder(pebble.toString(), "-config", config.toString())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile());
        // It waits before it validates, and refuses one nonce in twenty, to find clients that cannot bear it.
        builder.environment().put("PEBBLE_VA_NOSLEEP", "1");
        Process process = builder.start();
        processes = List.of(process);
        Lab.await("Pebble's start", LIMIT, log, () -> isListening(acmePort));
    }

    private static double orders(RelayServer relay, String result) {
        return relay.registry().get("warren.acme.orders").tag("result", result).counters().stream()
                .mapToDouble(Counter::count)
                .sum();
    }

    private static X509Certificate certificate(SSLSocket socket) throws IOException {
        return (X509Certificate) socket.getSession().getPeerCertificates()[0];
    }

    /** Trusts anything: which certificate it is, the test looks at itself. */
    private static SSLSocket connect(int port) throws Exception {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, new TrustManager[] {new Anybody()}, null);
        SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket(InetAddress.ofLiteral(HOST), port);
        socket.startHandshake();
        return socket;
    }

    private static final class Anybody implements X509TrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }

    private static boolean isListening(int port) {
        try (Socket probe = new Socket(InetAddress.ofLiteral(HOST), port)) {
            return probe.isConnected();
        } catch (IOException notYet) {
            return false;
        }
    }
}
