package dev.warren.relay;

import static dev.warren.relay.TestRelay.count;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.platform.config.SecretFile;
import dev.warren.platform.tls.Pin;
import dev.warren.platform.tls.SelfSignedCertificate;
import dev.warren.protocol.derp.Frame;
import dev.warren.protocol.derp.ServerInfo;
import dev.warren.relay.client.RelayContext;
import dev.warren.relay.limit.Limits;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a relay follows while it runs, with clients that stay. */
@Timeout(60)
class ReloadTest {
    @TempDir
    Path folder;

    @Test
    void shouldGiveNewConnectionsTheNewCertificateAndKeepTheOldOnes() throws Exception {
        RelayConfig config = TestRelay.config(folder, true, RelayContext.Timing.DEFAULT, null);
        try (RelayServer relay = RelayServer.start(config)) {
            Pin before = pin(relay);
            try (TestClient staying = TestClient.tls(relay.port(), before, "TLSv1.3")) {
                assertInstanceOf(ServerInfo.class, staying.next());
                newPair("127.0.0.1");
                assertEquals(List.of(), relay.reload(config));

                Pin after = pin(relay);
                assertNotEquals(before, after);
                try (TestClient fresh = TestClient.tls(relay.port(), after, "TLSv1.3")) {
                    assertInstanceOf(ServerInfo.class, fresh.next());
                    staying.send(new Frame.Ping(7));
                    assertEquals(new Frame.Pong(7), staying.next());
                }
            }
            assertEquals(1, count(relay, "warren.relay.reloads", "part", "certificate", "result", "done"));
            double inTenYears =
                    (double) Instant.now().plusSeconds(3650L * 24 * 3600).getEpochSecond();
            assertEquals(inTenYears, TestRelay.gauge(relay, "warren.relay.certificate.expiry"), 60.0);
        }
    }

    @Test
    void shouldKeepTheOldCertificateWhenTheNewPairIsBroken() throws Exception {
        RelayConfig config = TestRelay.config(folder, true, RelayContext.Timing.DEFAULT, null);
        try (RelayServer relay = RelayServer.start(config)) {
            Pin before = pin(relay);
            String goodKey = Files.readString(folder.resolve("key.pem"));
            int failures = 0;

            newPair("127.0.0.1");
            SecretFile.write(folder.resolve("key.pem"), goodKey);
            relay.reload(config);
            assertEquals(++failures, failedCertificates(relay), "a key of another certificate");

            Files.writeString(folder.resolve("cert.pem"), "not a certificate");
            relay.reload(config);
            assertEquals(++failures, failedCertificates(relay), "no PEM");

            Files.delete(folder.resolve("cert.pem"));
            relay.reload(config);
            assertEquals(++failures, failedCertificates(relay), "gone");

            Files.delete(folder.resolve("key.pem"));
            relay.reload(config);
            assertEquals(++failures, failedCertificates(relay), "both gone: nothing is made in their place");

            expiredPair();
            relay.reload(config);
            assertEquals(++failures, failedCertificates(relay), "expired");

            assertEquals(before, pin(relay));
            try (TestClient client = TestClient.tls(relay.port(), before, "TLSv1.2")) {
                assertInstanceOf(ServerInfo.class, client.next());
            }
        }
    }

    @Test
    void shouldFollowLimits() throws Exception {
        RelayConfig config = TestRelay.config(folder, false, RelayContext.Timing.DEFAULT, null);
        try (RelayServer relay = RelayServer.start(config)) {
            Limits limits = new Limits(
                    new Limits.Rate(1_000_000, 100_000),
                    new Limits.Bound(7, 0),
                    new Limits.Bound(0, 0),
                    new Limits.Bound(0, 0),
                    0);
            relay.reload(config.withLimits(limits));
            assertEquals(limits, relay.limits().current());
            assertEquals(1, count(relay, "warren.relay.reloads", "part", "limits", "result", "done"));
        }
    }

    @Test
    void shouldNameWhatOnlyARestartChanges() throws Exception {
        RelayConfig config = TestRelay.config(folder, false, RelayContext.Timing.DEFAULT, null);
        try (RelayServer relay = RelayServer.start(config)) {
            RelayConfig next = new RelayConfig(
                    TestRelay.loopback(1),
                    config.nodeKey(),
                    config.tls(),
                    new RelayConfig.Place("other.example", 901),
                    null,
                    config.opsListen(),
                    config.tuning());
            assertEquals(List.of("listen", "hostname", "region"), relay.reload(next));
            assertEquals(900, relay.mapEntry().id());
        }
    }

    private static double failedCertificates(RelayServer relay) {
        return count(relay, "warren.relay.reloads", "part", "certificate", "result", "failed");
    }

    private static Pin pin(RelayServer relay) {
        return Pin.parse(
                String.valueOf(relay.mapEntry().nodes().getFirst().trust().pin()));
    }

    /** Puts another self-signed pair in place of the relay's. */
    private void newPair(String name) throws IOException {
        Path made = Files.createTempDirectory(folder, "made");
        SelfSignedCertificate.loadOrCreate(made.resolve("cert.pem"), made.resolve("key.pem"), name);
        moveIntoPlace(made);
    }

    private void expiredPair() throws IOException {
        Path made = Files.createTempDirectory(folder, "made");
        SelfSignedCertificate.write(
                SelfSignedCertificate.create("127.0.0.1", new java.security.SecureRandom(), Instant.EPOCH),
                made.resolve("cert.pem"),
                made.resolve("key.pem"));
        moveIntoPlace(made);
    }

    private void moveIntoPlace(Path made) throws IOException {
        for (String name : List.of("cert.pem", "key.pem")) {
            Files.move(made.resolve(name), folder.resolve(name), StandardCopyOption.REPLACE_EXISTING);
        }
        assertTrue(Files.exists(folder.resolve("key.pem")));
    }
}
