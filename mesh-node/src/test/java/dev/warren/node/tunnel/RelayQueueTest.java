package dev.warren.node.tunnel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.protocol.key.NodePrivateKey;
import dev.warren.protocol.key.NodePublicKey;
import dev.warren.protocol.testing.Seeds;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class RelayQueueTest {
    private static final NodePublicKey ALICE = key(1);
    private static final NodePublicKey BOB = key(2);
    private final RelayPacket packet = new RelayPacket(MemorySegment.ofArray(new byte[200]));

    RelayQueueTest() {
        packet.offset = 10;
    }

    @Test
    void shouldGiveBackRegionSourceAndBytes() {
        RelayQueue queue = new RelayQueue(100, 10);
        assertTrue(queue.offer(7, ALICE, new byte[] {0, 1, 2, 3, 0}, 1, 3));
        assertTrue(queue.offer(8, BOB, new byte[0], 0, 0));
        assertFalse(queue.isEmpty());

        assertTrue(queue.take(packet));
        assertEquals(7, packet.region);
        assertEquals(ALICE, packet.source);
        assertArrayEquals(new byte[] {1, 2, 3}, bytes());
        assertTrue(queue.take(packet));
        assertEquals(8, packet.region);
        assertEquals(BOB, packet.source);
        assertEquals(0, packet.length);
        assertTrue(queue.isEmpty());
        assertFalse(queue.take(packet));
    }

    @Test
    void shouldRefuseWhatExceedsItsBytes() {
        RelayQueue queue = new RelayQueue(100, 10);
        assertTrue(queue.offer(1, ALICE, new byte[60], 0, 60));
        assertFalse(queue.offer(1, ALICE, new byte[41], 0, 41));
        assertTrue(queue.offer(1, ALICE, new byte[40], 0, 40));
        assertFalse(queue.offer(1, ALICE, new byte[1], 0, 1));
        assertTrue(queue.take(packet));
        assertTrue(queue.offer(1, ALICE, new byte[60], 0, 60));
    }

    @Test
    void shouldRefuseWhatExceedsItsPackets() {
        RelayQueue queue = new RelayQueue(100, 2);
        assertTrue(queue.offer(1, ALICE, new byte[1], 0, 1));
        assertTrue(queue.offer(1, ALICE, new byte[1], 0, 1));
        assertFalse(queue.offer(1, ALICE, new byte[0], 0, 0));
    }

    @Test
    void shouldBehaveAsAPlainQueueOfCopies() {
        Seeds.forEach(50, random -> {
            RelayQueue queue = new RelayQueue(150, 8);
            Deque<byte[]> model = new ArrayDeque<>();
            int modelBytes = 0;
            for (int step = 0; step < 300; step++) {
                if (random.nextBoolean()) {
                    byte[] next = new byte[random.nextInt(80)];
                    random.nextBytes(next);
                    boolean fits = model.size() < 8 && modelBytes + next.length <= 150;
                    assertEquals(fits, queue.offer(3, ALICE, next, 0, next.length));
                    if (fits) {
                        model.add(next);
                        modelBytes += next.length;
                    }
                } else if (model.isEmpty()) {
                    assertFalse(queue.take(packet));
                } else {
                    byte[] expected = model.remove();
                    modelBytes -= expected.length;
                    assertTrue(queue.take(packet));
                    assertArrayEquals(expected, bytes());
                }
            }
        });
    }

    @Test
    void shouldKeepEachSendersOrder() throws InterruptedException {
        RelayQueue queue = new RelayQueue(50_000, 20_000);
        int senders = 4;
        int each = 5000;
        CountDownLatch done = new CountDownLatch(senders);
        for (int sender = 0; sender < senders; sender++) {
            int region = sender;
            Thread.ofPlatform().start(() -> {
                for (int i = 0; i < each; i++) {
                    byte[] bytes = {(byte) (i >> 8), (byte) i};
                    queue.offer(region, ALICE, bytes, 0, 2);
                }
                done.countDown();
            });
        }
        int[] next = new int[senders];
        for (int taken = 0; taken < senders * each; ) {
            if (queue.take(packet)) {
                taken++;
                byte[] bytes = bytes();
                int number = Byte.toUnsignedInt(bytes[0]) << 8 | Byte.toUnsignedInt(bytes[1]);
                assertEquals(next[packet.region]++, number);
            } else {
                Thread.onSpinWait();
            }
        }
        done.await();
        assertTrue(queue.isEmpty());
    }

    private byte[] bytes() {
        return packet.buffer.asSlice(packet.offset, packet.length).toArray(ValueLayout.JAVA_BYTE);
    }

    private static NodePublicKey key(int fill) {
        byte[] bytes = new byte[32];
        Arrays.fill(bytes, (byte) fill);
        return NodePrivateKey.of(bytes).publicKey();
    }
}
