package dev.warren.relay.udp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.protocol.key.NodePrivateKey;
import dev.warren.protocol.udprelay.RelayClient;
import dev.warren.protocol.udprelay.UdpRelayLimits;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The queue of what comes over DERP for a UDP relay. */
@Timeout(30)
final class UdpRelayQueueTest {
    private static final int ROOM = 1_024;

    private final Random random = new Random(1);
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();

    @Test
    void whatFindsItFullIsCountedAndWhatWaitedIsAnswered() throws Exception {
        NodePrivateKey key = NodePrivateKey.generate(random);
        UdpRelayConfig config = new UdpRelayConfig(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), List.of(), UdpRelayLimits.DEFAULT);
        CountDownLatch busy = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        CountDownLatch last = new CountDownLatch(1);
        try (UdpRelay relay = UdpRelay.start(config, key, "relay.example", registry)) {
            try {
                request(relay, () -> {
                    busy.countDown();
                    await(goOn);
                });
                await(busy);
                for (int i = 1; i < ROOM; i++) {
                    relay.packet(key.publicKey(), new byte[1], answer -> {});
                }
                request(relay, last::countDown);
                assertEquals(0, dropped());
                for (int i = 1; i <= 3; i++) {
                    relay.packet(key.publicKey(), new byte[1], answer -> {});
                    assertEquals(i, dropped());
                }
            } finally {
                goOn.countDown();
            }
            await(last);
            request(relay, () -> {});
            assertEquals(3, dropped());
        }
    }

    /** A request that is granted, on whose answer {@code then} runs in the relay's thread. */
    private void request(UdpRelay relay, Runnable then) {
        RelayClient client = new RelayClient(relay.discoKey(), random);
        byte[] request = client.request(client.with(new RelayClient(relay.discoKey(), random)), 1);
        relay.packet(client.node, request, answer -> then.run());
    }

    private double dropped() {
        return registry.get("warren.udp.relay.requests.dropped").counter().count();
    }

    private static void await(CountDownLatch latch) {
        try {
            assertTrue(latch.await(20, TimeUnit.SECONDS), "not in time");
        } catch (InterruptedException stopped) {
            throw new AssertionError(stopped);
        }
    }
}
