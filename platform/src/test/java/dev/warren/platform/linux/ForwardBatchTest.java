package dev.warren.platform.linux;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(30)
final class ForwardBatchTest {
    private static final int SLOTS = 8;
    private static final int SLOT_BYTES = 64;
    private static final UdpSocket.Refused NONE_REFUSED = (to, errno) -> fail(to + ": " + Errno.describe(errno));

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "::1"})
    void shouldSendOnWhatIsMarkedAndNothingElse(String ip) throws LinuxException {
        try (UdpSocket sender = bind(ip);
                UdpSocket relay = bind(ip);
                UdpSocket receiver = bind(ip)) {
            ForwardBatch batch = new ForwardBatch(SLOTS, SLOT_BYTES);
            // Twice: the second time the slots must have their full length again.
            for (int round = 0; round < 2; round++) {
                send(sender, at(ip, relay.port()), round);
                assertEquals(SLOTS, await(relay, batch.received()));
                for (int i = 0; i < SLOTS; i++) {
                    assertEquals(at(ip, sender.port()), batch.received().source(i));
                    if (i != 2 && i != 3 && i != 7) {
                        batch.forward(i, at(ip, receiver.port()));
                    }
                }
                relay.forward(batch, NONE_REFUSED);
                ReceiveBatch arrived = new ReceiveBatch(SLOTS, SLOT_BYTES);
                assertEquals(5, await(receiver, arrived));
                List<Integer> numbers = new ArrayList<>();
                for (int i = 0; i < 5; i++) {
                    byte[] bytes = new byte[SLOT_BYTES];
                    arrived.copy(i, bytes, 0);
                    numbers.add((int) bytes[8]);
                    assertEquals(8 + round + bytes[8], arrived.length(i));
                    assertEquals(0x0102030405060708L, arrived.head(i));
                    assertEquals(at(ip, relay.port()), arrived.source(i));
                }
                assertEquals(
                        List.of(0, 1, 4, 5, 6), numbers.stream().map(n -> n - 1).toList());
            }
        }
    }

    /** Eight bytes of head, then the number from 1 on, as often as the number says, and {@code more} bytes. */
    private static void send(UdpSocket from, InetSocketAddress to, int more) throws LinuxException {
        SendBatch out = new SendBatch(SLOTS, SLOT_BYTES);
        for (int i = 1; i <= SLOTS; i++) {
            byte[] body = new byte[i + more];
            body[0] = (byte) i;
            assertTrue(out.add(to, 0x0102030405060708L, body, 0, body.length));
        }
        assertTrue(from.send(out, NONE_REFUSED));
    }

    @Test
    void shouldCrossFromOneFamilyToTheOther() throws LinuxException {
        try (UdpSocket sender = bind("127.0.0.1");
                UdpSocket relay = bind("127.0.0.1");
                UdpSocket other = bind("::1");
                UdpSocket receiver = bind("::1")) {
            send(sender, at("127.0.0.1", relay.port()), 0);
            ForwardBatch batch = new ForwardBatch(SLOTS, SLOT_BYTES);
            await(relay, batch.received());
            SendBatch crossing = new SendBatch(1, SLOT_BYTES);
            assertTrue(batch.copyTo(crossing, 4, at("::1", receiver.port())));
            assertFalse(batch.copyTo(crossing, 5, at("::1", receiver.port())), "full");
            assertTrue(other.send(crossing, NONE_REFUSED));
            ReceiveBatch arrived = new ReceiveBatch(SLOTS, SLOT_BYTES);
            assertEquals(1, await(receiver, arrived));
            byte[] bytes = new byte[13];
            arrived.copy(0, bytes, 0);
            assertArrayEquals(new byte[] {1, 2, 3, 4, 5, 6, 7, 8, 5, 0, 0, 0, 0}, bytes);
        }
    }

    @Test
    void whatTheKernelRefusesDoesNotHoldUpTheRest() throws LinuxException {
        try (UdpSocket sender = bind("127.0.0.1");
                UdpSocket relay = bind("127.0.0.1");
                UdpSocket receiver = bind("127.0.0.1")) {
            send(sender, at("127.0.0.1", relay.port()), 0);
            ForwardBatch batch = new ForwardBatch(SLOTS, SLOT_BYTES);
            await(relay, batch.received());
            List<Integer> refused = new ArrayList<>();
            batch.forward(0, at("127.0.0.1", receiver.port()));
            batch.forward(1, at("255.255.255.255", 9)); // not without SO_BROADCAST
            batch.forward(2, at("127.0.0.1", receiver.port()));
            relay.forward(batch, (to, errno) -> refused.add(errno));
            assertEquals(List.of(Errno.EACCES.number()), refused);
            ReceiveBatch arrived = new ReceiveBatch(SLOTS, SLOT_BYTES);
            assertEquals(2, await(receiver, arrived));
        }
    }

    @Test
    void aHeaderNeedsRoomToo() {
        SendBatch batch = new SendBatch(1, SLOT_BYTES);
        byte[] body = new byte[SLOT_BYTES];
        assertFalse(batch.add(at("127.0.0.1", 9), 1L, body, 0, SLOT_BYTES - 7));
        assertTrue(batch.add(at("127.0.0.1", 9), 1L, body, 0, SLOT_BYTES - 8));
        assertFalse(batch.add(at("127.0.0.1", 9), 1L, body, 0, 1), "full");
    }

    private static int await(UdpSocket socket, ReceiveBatch batch) throws LinuxException {
        try (Poller poller = Poller.open()) {
            poller.add(socket.descriptor(), 0, true, false);
            poller.await(Clock.bootTimeNanos() + 5_000_000_000L);
            return socket.receive(batch);
        }
    }

    private static UdpSocket bind(String ip) throws LinuxException {
        return UdpSocket.bind(at(ip, 0), UdpOptions.DEFAULT);
    }

    private static InetSocketAddress at(String ip, int port) {
        return new InetSocketAddress(InetAddress.ofLiteral(ip), port);
    }
}
