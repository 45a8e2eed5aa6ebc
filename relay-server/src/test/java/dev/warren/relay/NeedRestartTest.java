package dev.warren.relay;

import static dev.warren.relay.TestRelay.loopback;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.warren.platform.net.Transport;
import dev.warren.platform.tls.TlsEngine;
import dev.warren.protocol.coordination.JoinToken;
import dev.warren.protocol.coordination.MeshId;
import dev.warren.protocol.derp.DerpNode;
import dev.warren.protocol.udprelay.UdpRelayLimits;
import dev.warren.relay.client.RelayContext;
import dev.warren.relay.http.HomePage;
import dev.warren.relay.limit.Limits;
import dev.warren.relay.udp.UdpRelayConfig;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Which keys a reload names as in vain. */
@Timeout(30)
class NeedRestartTest {
    private static final Path FOLDER = Path.of("relay");
    private static final RelayConfig CONFIG = TestRelay.config(FOLDER, true, RelayContext.Timing.DEFAULT, null);
    private static final DerpNode OTHER = new DerpNode(
            "900b",
            900,
            "relay-b.example",
            null,
            null,
            new DerpNode.Ports(443, DerpNode.Ports.NO_STUN, false),
            new DerpNode.Trust(null, false, false),
            null);

    private static void assertNamed(RelayConfig before, RelayConfig next, String... keys) {
        assertEquals(List.of(keys), before.needRestart(next));
        assertEquals(List.of(keys), next.needRestart(before));
        assertEquals(List.of(), next.needRestart(next));
    }

    private static RelayConfig with(RelayConfig.Tuning tuning) {
        return new RelayConfig(
                CONFIG.listen(), CONFIG.nodeKey(), CONFIG.tls(), CONFIG.place(), null, CONFIG.opsListen(), tuning);
    }

    @Test
    void shouldNameTheKeysOfTheMesh() {
        RelayConfig alone = CONFIG.withMesh(new RelayConfig.Mesh(FOLDER.resolve("mesh.key"), List.of()));
        assertNamed(CONFIG, alone, "mesh-key-file");
        assertNamed(
                alone, CONFIG.withMesh(new RelayConfig.Mesh(FOLDER.resolve("mesh.key"), List.of(OTHER))), "mesh-with");
        assertNamed(
                alone,
                CONFIG.withMesh(new RelayConfig.Mesh(FOLDER.resolve("other.key"), List.of(OTHER))),
                "mesh-key-file",
                "mesh-with");
    }

    @Test
    void shouldNameTheKeysOfTheTuning() {
        RelayConfig.Tuning old = CONFIG.tuning();
        assertNamed(
                CONFIG,
                with(new RelayConfig.Tuning(Transport.NIO, TlsEngine.JDK, old.threads(), 7, old.timing())),
                "transport",
                "tls-engine",
                "gather-micros");
    }

    @Test
    void shouldNameWhatListens() {
        assertNamed(
                CONFIG,
                CONFIG.withWeb(new RelayConfig.Web(new HomePage.Blank(), List.of("a.example"), loopback(80))),
                "bootstrap-dns-names",
                "http-listen");
        assertNamed(
                CONFIG,
                CONFIG.withUdpRelay(new UdpRelayConfig(loopback(3479), List.of(), UdpRelayLimits.DEFAULT)),
                "udp-relay-listen and what belongs to it");
    }

    @Test
    void shouldNameWhatStandsInTheMap() {
        JoinToken token = new JoinToken(
                new MeshId("0".repeat(32)), List.of(URI.create("https://c.example:8443")), List.of(), "secret", null);
        RelayConfig.Registration registration = new RelayConfig.Registration(FOLDER.resolve("token"), token);
        RelayConfig registered = CONFIG.withRegistration(registration, CONFIG.place());
        assertNamed(CONFIG, registered, "coordinator-token-file");
        RelayConfig.Place place =
                new RelayConfig.Place("127.0.0.1", 900, "fra", "Frankfurt", List.of("192.0.2.1"), 3478);
        assertNamed(
                registered,
                CONFIG.withRegistration(registration, place),
                "region-code",
                "region-name",
                "map-address",
                "map-stun-port");
    }

    @Test
    void shouldNotNameWhatAReloadFollows() {
        Limits limits = new Limits(Limits.Rate.NONE, Limits.NONE.total(), Limits.NONE.source(), Limits.NONE.key(), 7);
        assertNamed(CONFIG, CONFIG.withLimits(limits));
    }
}
