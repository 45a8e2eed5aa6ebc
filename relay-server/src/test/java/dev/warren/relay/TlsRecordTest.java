package dev.warren.relay;

import static dev.warren.relay.TestRelay.count;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.platform.tls.Pin;
import dev.warren.platform.tls.TlsEngine;
import dev.warren.protocol.derp.Frame;
import dev.warren.protocol.derp.Payload;
import dev.warren.protocol.derp.ServerInfo;
import dev.warren.relay.client.RelayContext;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** How a relay cuts what it sends into TLS records: a record and a system call cost more than a packet. */
@Timeout(30)
class TlsRecordTest {
    private static final int PACKETS = 150;
    private static final int PACKET_BYTES = 1_000;
    /** RFC 8446 section 5.2: the most plaintext in a record. */
    private static final int FULL = 1 << 14;

    @TempDir
    Path folder;

    @ParameterizedTest
    @EnumSource(names = {"BORINGSSL", "JDK"})
    void shouldPutABurstIntoFullRecords(TlsEngine engine) throws Exception {
        RelayConfig standard = TestRelay.config(folder, true, RelayContext.Timing.DEFAULT, null);
        RelayConfig config = new RelayConfig(
                standard.listen(),
                standard.nodeKey(),
                standard.tls(),
                standard.place(),
                null,
                null,
                new RelayConfig.Tuning(
                        standard.tuning().transport(),
                        engine,
                        2,
                        0,
                        standard.tuning().timing()));
        try (RelayServer relay = RelayServer.start(config);
                RecordCounter between = new RecordCounter(relay.port())) {
            Pin pin = Pin.parse("" + relay.mapEntry().nodes().getFirst().trust().pin());
            try (TestClient sender = TestClient.tls(relay.port(), pin, "TLSv1.3");
                    TestClient receiver = TestClient.tls(between.port(), pin, "TLSv1.3")) {
                assertInstanceOf(ServerInfo.class, sender.next());
                assertInstanceOf(ServerInfo.class, receiver.next());
                receiver.settled();
                int before = between.records.get();

                // One packet alone does not wait for others.
                Frame packet = new Frame.SendPacket(receiver.publicKey(), Payload.of(new byte[PACKET_BYTES]));
                sender.send(packet);
                assertInstanceOf(Frame.RecvPacket.class, receiver.next());
                assertEquals(before + 1, between.records.get());

                Frame[] burst = new Frame[PACKETS];
                Arrays.fill(burst, packet);
                sender.send(burst);
                for (int i = 0; i < PACKETS; i++) {
                    assertInstanceOf(Frame.RecvPacket.class, receiver.next());
                }
                int records = between.records.get() - before - 1;
                int least = PACKETS * PACKET_BYTES / FULL;
                assertTrue(records <= 4 * least, PACKETS + " packets in " + records + " records");
                assertEquals(0, count(relay, "warren.relay.dropped"));
            }
        }
    }

    /** Stands between one client and a relay, and counts the records of what the relay sends. */
    private static final class RecordCounter implements AutoCloseable {
        private static final int APPLICATION_DATA = 0x17;

        final AtomicInteger records = new AtomicInteger();
        private final ServerSocket listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());

        RecordCounter(int relayPort) throws IOException {
            Thread.ofVirtual().start(() -> {
                try (Socket client = listener.accept();
                        Socket relay = new Socket(InetAddress.getLoopbackAddress(), relayPort)) {
                    Thread.ofVirtual().start(() -> forward(client, relay));
                    countRecords(relay, client);
                } catch (IOException ended) {
                    // One of the two has left.
                }
            });
        }

        int port() {
            return listener.getLocalPort();
        }

        private static void forward(Socket from, Socket to) {
            try {
                from.getInputStream().transferTo(to.getOutputStream());
            } catch (IOException ended) {
                // One of the two has left.
            }
        }

        /** RFC 8446 section 5.1: type, version, length. */
        private void countRecords(Socket from, Socket to) throws IOException {
            DataInputStream in = new DataInputStream(from.getInputStream());
            OutputStream out = to.getOutputStream();
            while (true) {
                byte[] head = new byte[5];
                in.readFully(head);
                byte[] body = new byte[((head[3] & 0xff) << 8) | (head[4] & 0xff)];
                in.readFully(body);
                if (head[0] == APPLICATION_DATA) {
                    records.incrementAndGet();
                }
                out.write(head);
                out.write(body);
            }
        }

        @Override
        public void close() throws IOException {
            listener.close();
        }
    }
}
