package dev.warren.relay;

import static dev.warren.relay.TestRelay.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.UnixOperatingSystemMXBean;
import dev.warren.platform.tls.Pin;
import dev.warren.protocol.derp.Frame;
import dev.warren.protocol.derp.Payload;
import dev.warren.protocol.derp.ServerInfo;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A relay, as a process of its own, that is asked for more than it has. */
@Timeout(120)
class ExhaustionTest {
    private static final int CROWD = 10_000;
    /** What is open in this JVM beside the crowd's sockets, generously. */
    private static final int OTHER_FILES = 1_000;

    @TempDir
    Path folder;

    private final List<AutoCloseable> opened = new ArrayList<>();

    @AfterEach
    void stop() throws Exception {
        for (AutoCloseable each : opened.reversed()) {
            each.close();
        }
    }

    @Test
    void shouldOutliveTheEndOfItsFileDescriptors() throws Exception {
        ConfinedRelay relay = opening(ConfinedRelay.start(folder, 200, "128m", "--plaintext"));
        TestClient a = opening(TestClient.connect(relay.port));
        TestClient b = opening(TestClient.connect(relay.port));
        // Its class loader opens what the first of these need.
        talk(a, b, 1);
        List<SocketChannel> crowd = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            crowd.add(connect(relay));
        }
        await("it says so", () -> says(relay, "cannot accept connections"));
        talk(a, b, 50);
        for (SocketChannel one : crowd) {
            one.close();
        }
        await("it goes on", () -> says(relay, "accepts connections again"));
        TestClient c = opening(TestClient.connect(relay.port));
        talk(c, a, 1);
        assertEquals(1, relay.log().split("cannot accept connections", -1).length - 1, relay.log());
        assertFalse(relay.log().contains("\tat "), relay.log());
        assertTrue(relay.metric("warren_relay_accept_failures", "") >= 1);
    }

    /** 10,000, or as many as this JVM may open; it says when these are fewer. */
    @Test
    void shouldServeOthersWhileACrowdSaysNothing() throws Exception {
        long limit =
                ((UnixOperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getMaxFileDescriptorCount();
        int size = (int) Math.min(CROWD, limit - OTHER_FILES);
        if (size < CROWD) {
            System.err.println("the file limit is " + limit + ", so the crowd is " + size + " and not " + CROWD);
        }
        ConfinedRelay relay = opening(ConfinedRelay.start(folder, (int) Math.min(limit, 20_000), "256m"));
        TestClient a = opening(tls(relay));
        TestClient b = opening(tls(relay));
        talk(a, b, 1);
        long before = relay.residentBytes();
        for (int i = 0; i < size; i++) {
            SocketChannel one = opening(connect(relay));
            // The beginning of a TLS record that never goes on.
            one.write(ByteBuffer.wrap(new byte[] {0x16, 3, 1}));
            if (i % 500 == 0) {
                talk(a, b, 1);
            }
        }
        TestClient c = opening(tls(relay));
        talk(c, a, 1);
        long grown = relay.residentBytes() - before;
        assertTrue(grown < 400L << 20, "the crowd took " + (grown >> 20) + " MB");
        assertTrue(relay.metric("warren_relay_logins_pending", "") <= 8192);
        await("all of them have been sent away", () -> pending(relay) == 0);
        double ended = relay.metric("warren_relay_ended_total", "login_timeout")
                + relay.metric("warren_relay_ended_total", "logins_full");
        assertEquals(size, ended);
        talk(c, b, 10);
    }

    private static TestClient tls(ConfinedRelay relay) throws Exception {
        TestClient client = TestClient.tls(relay.port, Pin.parse(relay.pin), "TLSv1.3");
        assertEquals(ServerInfo.unlimited(), client.next());
        return client;
    }

    private static void talk(TestClient from, TestClient to, int times) throws Exception {
        for (int i = 0; i < times; i++) {
            Payload packet = Payload.of(new byte[] {(byte) i});
            from.send(new Frame.SendPacket(to.publicKey(), packet));
            assertEquals(new Frame.RecvPacket(from.publicKey(), packet), to.next());
        }
    }

    private static SocketChannel connect(ConfinedRelay relay) throws IOException {
        SocketChannel channel = SocketChannel.open();
        // A reset at the end, so that the ports are free at once.
        channel.setOption(StandardSocketOptions.SO_LINGER, 0);
        channel.connect(TestRelay.loopback(relay.port));
        return channel;
    }

    private static boolean says(ConfinedRelay relay, String words) {
        try {
            return relay.log().contains(words);
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    private static double pending(ConfinedRelay relay) {
        try {
            return relay.metric("warren_relay_logins_pending", "");
        } catch (IOException | InterruptedException failed) {
            throw new AssertionError(failed);
        }
    }

    private <T extends AutoCloseable> T opening(T made) {
        opened.add(made);
        return made;
    }
}
