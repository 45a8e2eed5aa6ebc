package dev.warren.loadtest.stream;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.loadtest.sandbox.Shell;
import dev.warren.platform.config.UserError;
import dev.warren.protocol.testing.Requirements;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The network around the relay: what it lets through, what is refused, and that nothing of it stays. */
@Timeout(60)
final class RelayNetworkTest {
    private static final String RIGHT = "10.8.2.2";

    @TempDir
    Path folder;

    @BeforeEach
    void need() {
        Requirements.tun();
        Requirements.program("unshare", "nsenter", "ip", "ping");
    }

    @Test
    void shouldLeaveTheEndsNoWayButTheRelay() throws Exception {
        try (LonelyRelay relay = LonelyRelay.start(folder, "0.0.0.0", "--plaintext");
                RelayNetwork network = RelayNetwork.of(relay.pid(), relay.port);
                StreamBed bed = StreamBed.open(network)) {
            bed.left().run("ping", "-c", "1", "-W", "5", RelayNetwork.ADDRESS);
            IOException unreachable =
                    assertThrows(IOException.class, () -> bed.left().run("ping", "-c", "1", "-W", "1", RIGHT));
            assertTrue(String.valueOf(unreachable.getMessage()).contains("unreachable"), unreachable.getMessage());
        }
    }

    @Test
    void shouldCountWhatIsForwardedPastTheRelay() throws Exception {
        try (LonelyRelay relay = LonelyRelay.start(folder, "0.0.0.0", "--plaintext");
                RelayNetwork network = RelayNetwork.of(relay.pid(), relay.port);
                StreamBed bed = StreamBed.open(network)) {
            relay.inside(() -> Shell.run(List.of("sysctl", "-qw", "net.ipv4.ip_forward=1")));
            bed.left().run("ip", "route", "add", "default", "via", "10.8.1.1");
            bed.right().run("ip", "route", "add", "default", "via", "10.8.2.1");
            long before = network.forwardedPackets();
            bed.left().run("ping", "-c", "1", "-W", "5", RIGHT);
            assertEquals(2, network.forwardedPackets() - before, "the request and its answer");
        }
    }

    @Test
    void shouldTakeItsCablesAwayWhileTheRelayLives() throws Exception {
        try (LonelyRelay relay = LonelyRelay.start(folder, "0.0.0.0", "--plaintext")) {
            for (int time = 0; time < 2; time++) {
                try (RelayNetwork network = RelayNetwork.of(relay.pid(), relay.port);
                        StreamBed _ = StreamBed.open(network)) {
                    assertTrue(addresses(relay).contains("10.8.2.1"), addresses(relay));
                }
                assertFalse(addresses(relay).contains("10.8."), addresses(relay));
                assertFalse(addresses(relay).contains("stream"), addresses(relay));
            }
        }
    }

    @Test
    void shouldRefuseARelayThatItCannotBeLaidAround() throws Exception {
        try (ServerSocket here = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                LonelyRelay shy = LonelyRelay.start(folder, "127.0.0.1", "--plaintext")) {
            long self = ProcessHandle.current().pid();
            refused(self, here.getLocalPort(), "process " + self + " is in this machine's own network");
            refused(
                    shy.pid(),
                    shy.port,
                    "the relay (process " + shy.pid() + ") listens on port " + shy.port + " of one");
            refused(shy.pid(), 1, "nobody listens on port 1 in the network of process " + shy.pid());
            refused(999_999_999, 1, "there is no process 999999999");
        }
    }

    private static void refused(long pid, int port, String sentence) {
        UserError said = assertThrows(UserError.class, () -> RelayNetwork.of(pid, port));
        assertTrue(String.valueOf(said.getMessage()).startsWith(sentence), said.getMessage());
    }

    private static String addresses(LonelyRelay relay) throws IOException {
        return relay.inside(() -> Shell.run(List.of("ip", "address")));
    }
}
