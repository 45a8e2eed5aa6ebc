package dev.warren.loadtest.interop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.node.netcheck.NetcheckReport;
import dev.warren.node.netcheck.NetcheckTargets;
import dev.warren.node.probe.NetcheckRun;
import dev.warren.node.probe.TargetLookup;
import dev.warren.platform.config.HostPort;
import dev.warren.protocol.derp.DerpMap;
import dev.warren.protocol.derp.RelaySpec;
import dev.warren.protocol.testing.FreePort;
import dev.warren.relay.RelayConfig;
import dev.warren.relay.RelayServer;
import dev.warren.stun.StunConfig;
import dev.warren.stun.StunServer;
import dev.warren.stun.StunTransport;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code warren netcheck} without its command line, over loopback, with our servers and with derper. */
@Timeout(60)
final class NetcheckInteropTest {
    private static final Duration LIMIT = Duration.ofSeconds(5);
    private static final InetAddress LOOPBACK = InetAddress.ofLiteral("127.0.0.1");

    @TempDir
    private Path folder = Path.of("");

    private static NetcheckReport check(List<HostPort> stun, String... relays) throws Exception {
        DerpMap map = DerpMap.of(Stream.of(relays).map(RelaySpec::parse).toList());
        NetcheckTargets targets = TargetLookup.find(map, stun, 0, Duration.ofSeconds(1));
        return NetcheckRun.check(targets, LIMIT);
    }

    private static StunServer stunServer(String host) {
        InetSocketAddress any = new InetSocketAddress(InetAddress.ofLiteral(host), 0);
        return StunServer.start(StunConfig.of(List.of(any), StunTransport.AUTO, null));
    }

    private RelayServer securedRelay() throws IOException {
        return RelayServer.start(new RelayConfig(
                new InetSocketAddress(LOOPBACK, 0),
                folder.resolve("secured.key"),
                new RelayConfig.Tls(folder.resolve("secured.crt"), folder.resolve("secured.pem"), true),
                new RelayConfig.Place("127.0.0.1", 901),
                null,
                null,
                RelayConfig.Tuning.standard()));
    }

    @Test
    void shouldMeasureOurServers() throws Exception {
        try (RelayUnderTest relay = RelayUnderTest.ours(folder);
                StunServer one = stunServer("127.0.0.1");
                StunServer two = stunServer("127.0.0.1")) {
            NetcheckReport report = check(
                    List.of(new HostPort("127.0.0.1", two.port())),
                    "900:lo=127.0.0.1:" + relay.port() + ",stun=" + one.port() + ",plaintext");
            assertTrue(report.udp());
            assertEquals(NetcheckReport.Reach.YES, report.ipv4().reach());
            assertEquals(1, report.ipv4().mapped().size(), () -> "one socket asks all: " + report.ipv4());
            assertTrue(report.ipv4().mapped().getFirst().startsWith("127.0.0.1:"));
            assertEquals(NetcheckReport.Reach.NOT_ASKED, report.ipv6().reach());
            assertEquals(false, report.nat().present(), "the address is this machine's own");
            assertEquals(false, report.nat().mappingVaries());
            assertEquals("endpoint-independent", report.nat().mapping());
            assertEquals(true, report.nat().hairpinning());
            assertEquals(List.of(), report.portMapping(), "there is no router on the way to loopback");
            assertEquals(false, report.captivePortal().found());
            assertEquals(900, report.preferredRegion());
            assertRegion("stun", report.regions().getFirst());
            assertEquals(
                    report.ipv4().mapped().getFirst(),
                    report.stunServers().getFirst().mapped());
            assertInTime(report);
        }
    }

    @Test
    void shouldMeasureOverIpv6() throws Exception {
        try (StunServer six = stunServer("::1")) {
            NetcheckReport report = check(List.of(new HostPort("::1", six.port())));
            assertTrue(report.udp());
            assertEquals(NetcheckReport.Reach.YES, report.ipv6().reach());
            assertEquals(NetcheckReport.Reach.NOT_ASKED, report.ipv4().reach());
            assertEquals(false, report.nat().present());
        }
    }

    @Test
    void shouldMeasureDerper() throws Exception {
        int stunPort = FreePort.next();
        int port = FreePort.next();
        try (AutoCloseable derper =
                Derper.start(folder, port, List.of("-stun", "-stun-port", String.valueOf(stunPort)), Map.of())) {
            assertNotNull(derper);
            NetcheckReport report = check(List.of(), "900=127.0.0.1:" + port + ",stun=" + stunPort + ",plaintext");
            assertRegion("stun", report.regions().getFirst());
            assertTrue(report.ipv4().mapped().getFirst().startsWith("127.0.0.1:"), "unmapped from ::ffff:127.0.0.1");
            assertEquals(false, report.captivePortal().found(), "it echoes our challenge");
            assertNull(report.nat().filtering(), "it knows nothing of RFC 5780");
            NetcheckReport without = check(List.of(), "900=127.0.0.1:" + port + ",plaintext");
            assertRegion("https", without.regions().getFirst());
        }
    }

    /** UDP goes nowhere: a socket that answers nothing is in the STUN server's place. */
    @Test
    void shouldMeasureRelaysOverTcpWhereUdpIsBlocked() throws Exception {
        try (RelayUnderTest plain = RelayUnderTest.ours(folder);
                RelayServer secured = securedRelay();
                DatagramSocket mute = new DatagramSocket(0, LOOPBACK)) {
            String stun = ",stun=" + mute.getLocalPort();
            String pin =
                    String.valueOf(secured.mapEntry().nodes().getFirst().trust().pin());
            String other = pin.substring(0, pin.length() - 4) + (pin.endsWith("0000") ? "1111" : "0000");
            NetcheckReport report = check(
                    List.of(),
                    "900=127.0.0.1:" + plain.port() + stun + ",plaintext",
                    "901=127.0.0.1:" + secured.port() + stun + ",pin=" + pin,
                    "902=127.0.0.1:" + secured.port() + stun + ",pin=" + other,
                    "903=127.0.0.1:1" + stun + ",plaintext");
            assertEquals(NetcheckReport.Reach.SILENT, report.ipv4().reach());
            assertRegion("https", report.regions().get(0));
            assertRegion("https", report.regions().get(1));
            assertNull(report.regions().get(2).latencyMillis(), "another certificate than the pinned one");
            assertTrue(
                    String.valueOf(report.regions().get(2).why()).contains(pin),
                    () -> "names the one it saw: " + report);
            assertNull(report.regions().get(3).latencyMillis(), "nothing listens there");
            assertTrue(String.valueOf(report.regions().get(3).why()).contains("refused"), report::toString);
            assertTrue(report.preferredRegion() == 900 || report.preferredRegion() == 901);
            assertTrue(report.reachedAnything());
            assertInTime(report);
        }
    }

    @Test
    void shouldFindACaptivePortal() throws Exception {
        try (ServerSocket portal = new ServerSocket(0, 5, LOOPBACK)) {
            Thread login = Thread.ofPlatform().daemon().start(() -> sendEverybodyToALogin(portal));
            NetcheckReport report = check(List.of(), "900=127.0.0.1:" + portal.getLocalPort() + ",plaintext");
            assertEquals(true, report.captivePortal().found());
            assertTrue(report.captivePortal().reason().contains("302"), report.captivePortal()::toString);
            assertNull(report.regions().getFirst().latencyMillis(), "that was no relay's answer");
            portal.close();
            login.join();
        }
    }

    private static void sendEverybodyToALogin(ServerSocket portal) {
        while (true) {
            try (Socket guest = portal.accept()) {
                byte[] request = new byte[2048];
                if (guest.getInputStream().read(request) > 0) {
                    guest.getOutputStream()
                            .write("HTTP/1.1 302 Found\r\nLocation: http://login.example/\r\nContent-Length: 0\r\n\r\n"
                                    .getBytes(StandardCharsets.US_ASCII));
                }
            } catch (IOException closed) {
                return;
            }
        }
    }

    /** The server of garbage: whatever it says is no answer, and nothing breaks. */
    @Test
    void shouldSurviveServersThatTalkNonsense() throws Exception {
        try (ServerSocket nonsense = new ServerSocket(0, 5, LOOPBACK)) {
            Thread talker = Thread.ofPlatform().daemon().start(() -> talkNonsense(nonsense));
            String address = "127.0.0.1:" + nonsense.getLocalPort();
            NetcheckReport report = check(
                    List.of(),
                    "900=" + address + ",plaintext",
                    "901=" + address + ",pin=sha256-raw:" + "ab".repeat(32));
            assertNull(report.captivePortal().found());
            assertTrue(report.regions().stream().allMatch(region -> region.latencyMillis() == null));
            assertInTime(report);
            nonsense.close();
            talker.join();
        }
    }

    private static void talkNonsense(ServerSocket server) {
        while (true) {
            try (Socket guest = server.accept()) {
                guest.getOutputStream().write(new byte[40_000]);
            } catch (IOException closedOrReset) {
                if (server.isClosed()) {
                    return;
                }
            }
        }
    }

    @Test
    void shouldLeaveNoThreadBehind() throws Exception {
        try (RelayUnderTest relay = RelayUnderTest.ours(folder)) {
            check(List.of(), "900=127.0.0.1:" + relay.port() + ",plaintext");
        }
        Host.await("the check's threads to end", () -> Thread.getAllStackTraces().keySet().stream()
                .noneMatch(thread -> thread.getName().startsWith("netcheck")
                        || thread.getName().startsWith("lookup")));
    }

    /** The limit, and some for a machine that is busy. */
    private static void assertInTime(NetcheckReport report) {
        assertTrue(report.seconds() <= LIMIT.toSeconds() + 2, () -> "took " + report.seconds() + " s");
    }

    private static void assertRegion(String by, NetcheckReport.Region region) {
        assertEquals(by, region.by(), region::toString);
        assertNotNull(region.latencyMillis());
        assertTrue(region.latencyMillis() > 0 && region.latencyMillis() < 3_000, region::toString);
    }
}
