package dev.warren.relay;

import static dev.warren.relay.TestRelay.await;
import static dev.warren.relay.TestRelay.count;
import static dev.warren.relay.TestRelay.gauge;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.warren.platform.linux.NetworkNamespace;
import dev.warren.protocol.testing.Requirements;
import dev.warren.relay.client.RelayContext;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A client whose network is cut, so that neither its end nor anything else arrives from it any more. */
@Timeout(60)
class VanishedClientTest {
    private static final String RELAY_ADDRESS = "192.0.2.1";

    @TempDir
    Path folder;

    @BeforeEach
    void needNamespaces() {
        Requirements.root();
        Requirements.program("ip");
    }

    @Test
    void shouldNoticeAClientThatVanished() throws Exception {
        // A keep-alive at least every 650 ms, and two seconds for it to be acknowledged.
        RelayContext.Timing timing = new RelayContext.Timing(10_000, 10_000, 600, 2_000, 0);
        RelayConfig loopback = TestRelay.config(folder, false, timing, null);
        RelayConfig config = new RelayConfig(
                new InetSocketAddress(RELAY_ADDRESS, 0),
                loopback.nodeKey(),
                null,
                loopback.place(),
                null,
                null,
                loopback.tuning());
        try (NetworkNamespace here = NetworkNamespace.create();
                NetworkNamespace there = NetworkNamespace.create()) {
            in(here, "ip link add relay0 type veth peer name client0 netns " + there.threadId());
            in(here, "ip address add " + RELAY_ADDRESS + "/24 dev relay0");
            in(here, "ip link set relay0 up");
            in(here, "ip link set lo up");
            in(there, "ip address add 192.0.2.2/24 dev client0");
            in(there, "ip link set client0 up");
            try (RelayServer relay = here.call(() -> RelayServer.start(config));
                    TestClient gone = TestClient.over(there.call(() -> new Socket(RELAY_ADDRESS, relay.port())));
                    TestClient stays = TestClient.over(here.call(() -> new Socket(RELAY_ADDRESS, relay.port())))) {
                gone.next();
                stays.next();
                assertEquals(2, gauge(relay, "warren.relay.connections"));
                in(there, "ip link set client0 down");
                await("it is noticed", () -> gauge(relay, "warren.relay.connections") == 1);
                await("it is counted", () -> count(relay, "warren.relay.ended") == 1);
                stays.settled();
            }
        }
    }

    private static void in(NetworkNamespace namespace, String command) throws IOException, InterruptedException {
        Process process = namespace.call(() ->
                new ProcessBuilder(command.split(" ")).redirectErrorStream(true).start());
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), command + ": " + output);
    }
}
