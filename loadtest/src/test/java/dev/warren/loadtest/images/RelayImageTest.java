package dev.warren.loadtest.images;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.platform.net.DerpClient;
import dev.warren.platform.net.Transport;
import dev.warren.protocol.derp.DerpRegion;
import dev.warren.protocol.derp.PeerGoneReason;
import dev.warren.protocol.derp.RelaySpec;
import dev.warren.protocol.key.NodePrivateKey;
import dev.warren.protocol.key.NodePublicKey;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** {@code warren-relay}. */
@Timeout(240)
class RelayImageTest {
    private static final Pattern ENTRY = Pattern.compile("(?m)^for others: +--relay +(\\S+)");
    private static final String NAME = "relay.test";
    private static final long WAIT_SECONDS = 20;

    @Test
    void servesFromNothingAndEndsWhenItIsTold() throws Exception {
        try (Service relay = Service.of("relay", "--hostname", NAME, "--drain-seconds", "0")) {
            relay.start();

            Matcher entry = ENTRY.matcher(relay.getLogs());
            assertTrue(entry.find(), relay.getLogs());
            carriesPackets(RelaySpec.parse(entry.group(1).replace(NAME, relay.address())));
            assertTrue(relay.warren("relay", "status").contains("clients"), relay.warren("relay", "status"));
            assertEquals(Ending.BY_SIGTERM, relay.end(), relay.getLogs());
        }
    }

    private static void carriesPackets(DerpRegion region) throws Exception {
        Inbox to = new Inbox();
        NodePrivateKey receiver = NodePrivateKey.generate(new SecureRandom());
        NodePrivateKey sender = NodePrivateKey.generate(new SecureRandom());
        byte[] packet = {1, 2, 3, 4, 5};
        Inbox from = new Inbox();
        try (DerpClient a = connect(region, receiver, to);
                DerpClient b = connect(region, sender, from)) {
            assertNotNull(a);
            assertEquals(region.id(), to.connected.get(WAIT_SECONDS, TimeUnit.SECONDS));
            assertEquals(region.id(), from.connected.get(WAIT_SECONDS, TimeUnit.SECONDS));
            b.send(receiver.publicKey(), packet, 0, packet.length);
            assertEquals(
                    new Packet(sender.publicKey(), HexFormat.of().formatHex(packet)),
                    to.packets.poll(WAIT_SECONDS, TimeUnit.SECONDS));
        }
    }

    private static DerpClient connect(DerpRegion region, NodePrivateKey key, Inbox inbox) throws Exception {
        return Daemon.shared().network().call(() -> DerpClient.connect(Transport.AUTO, region, key, inbox));
    }

    @Test
    void refusesWhatIsWrongWithOneSentence() throws Exception {
        assertEquals(
                new Service.Refusal(
                        Ending.USAGE,
                        "warren relay: unknown option --hostnam, did you mean --hostname?"
                                + " (warren relay --help shows what can be given)\n"),
                Service.refusal("relay", "--hostnam", "x"));
    }

    private record Packet(NodePublicKey source, String hex) {}

    private static final class Inbox implements DerpClient.Listener {
        final CompletableFuture<Integer> connected = new CompletableFuture<>();
        final BlockingQueue<Packet> packets = new LinkedBlockingQueue<>();

        @Override
        public void connected(int region) {
            connected.complete(region);
        }

        @Override
        public void packet(int region, NodePublicKey source, byte[] buffer, int offset, int length) {
            packets.add(new Packet(source, HexFormat.of().formatHex(buffer, offset, offset + length)));
        }

        @Override
        public void peerGone(int region, NodePublicKey peer, PeerGoneReason reason) {}

        @Override
        public void disconnected(int region, String reason) {}
    }
}
