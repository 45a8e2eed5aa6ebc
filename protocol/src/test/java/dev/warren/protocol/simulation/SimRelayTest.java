package dev.warren.protocol.simulation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.protocol.key.NodePrivateKey;
import dev.warren.protocol.key.NodePublicKey;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The relay that simulated agents meet at. */
@Timeout(30)
final class SimRelayTest {
    private final SimNetwork network = new SimNetwork(17);
    private final SimRelay relay = new SimRelay(network, 900, Duration.ofMillis(40));
    private final NodePublicKey a = NodePrivateKey.generate(network.random()).publicKey();
    private final NodePublicKey b = NodePrivateKey.generate(network.random()).publicKey();
    private final Log logA = new Log();
    private final Log logB = new Log();

    private static final class Log implements SimRelay.Client {
        final List<String> lines = new ArrayList<>();

        @Override
        public void relayState(int region, boolean connected, long nowNanos) {
            lines.add(region + (connected ? " up" : " down"));
        }

        @Override
        public void relayPacket(int region, NodePublicKey from, byte[] payload, long nowNanos) {
            lines.add("packet " + payload[0] + " at " + nowNanos / 1_000_000);
        }

        @Override
        public void peerGone(int region, NodePublicKey peer, long nowNanos) {
            lines.add("gone");
        }
    }

    private boolean send(int content) {
        return relay.send(a, b, new byte[] {(byte) content}, 0, 1);
    }

    private void connect() {
        relay.connect(a, logA);
        relay.connect(b, logB);
    }

    @Test
    void carriesPacketsInOrderAfterItsDelay() {
        connect();
        assertTrue(send(1));
        assertTrue(send(2));
        network.run(Duration.ofSeconds(1));
        assertEquals(List.of("900 up", "packet 1 at 1040", "packet 2 at 1040"), logB.lines);
        assertEquals(2, relay.forwarded());
    }

    @Test
    void saysWhenNobodyHasTheKey() {
        relay.connect(a, logA);
        assertTrue(send(1));
        network.run(Duration.ofSeconds(1));
        assertEquals(List.of("900 up", "gone"), logA.lines);
        relay.disconnect(a, logA);
        send(1);
        network.run(Duration.ofSeconds(1));
        assertEquals(2, logA.lines.size());
    }

    @Test
    void aStopLosesWhatIsUnderWayAndClientsComeBackAfterTheStart() {
        connect();
        send(1);
        relay.stop();
        assertFalse(send(2));
        network.run(Duration.ofSeconds(5));
        relay.start();
        network.run(Duration.ofMillis(999));
        assertFalse(send(3));
        network.run(Duration.ofMillis(1));
        assertTrue(send(4));
        network.run(Duration.ofSeconds(1));
        assertEquals(List.of("900 up", "900 down", "900 up", "packet 4 at 7040"), logB.lines);
    }
}
