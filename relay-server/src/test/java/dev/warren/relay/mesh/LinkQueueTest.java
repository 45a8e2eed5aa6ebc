package dev.warren.relay.mesh;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.relay.client.RelayMetrics;
import dev.warren.relay.client.RelayMetrics.Kind;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class LinkQueueTest {
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final LinkQueue queue = new LinkQueue(new RelayMetrics(registry));
    private final List<ByteBuf> made = new ArrayList<>();

    @Test
    void shouldGiveDiscoFirstAndEachKindInOrder() {
        for (int i = 0; i < 4; i++) {
            add(i, 10, i % 2 == 0 ? Kind.OTHER : Kind.DISCO);
        }
        assertEquals(List.of(1, 3, 0, 2), takeAll());
        assertTrue(queue.isEmpty());
    }

    @Test
    void shouldMakeRoomForTheNewestPackets() {
        add(7, 10, Kind.DISCO);
        for (int i = 0; i < LinkQueue.MAX_PACKETS + 3; i++) {
            add(i, 0, Kind.OTHER);
        }
        assertEquals(3, dropped("link_queue_head"));
        List<Integer> left = takeAll();
        assertEquals(LinkQueue.MAX_PACKETS + 1, left.size());
        assertEquals(List.of(7, 3, 4), left.subList(0, 3));
        made.forEach(buffer -> assertEquals(0, buffer.refCnt()));
    }

    @Test
    void shouldBeBoundedInBytes() {
        int each = 64 << 10;
        int fit = LinkQueue.MAX_BYTES / each;
        for (int i = 0; i < fit + 5; i++) {
            add(i, each, Kind.OTHER);
        }
        assertEquals(5, dropped("link_queue_head"));
        assertEquals(5, takeAll().getFirst());
        add(1, LinkQueue.MAX_BYTES + 1, Kind.OTHER);
        assertEquals(List.of(1), takeAll());
    }

    @Test
    void shouldDropEverythingWhenTheLinkEnds() {
        add(1, 10, Kind.OTHER);
        add(2, 10, Kind.DISCO);
        queue.close();
        add(3, 10, Kind.OTHER);
        assertFalse(queue.poll(new ByteBuf[2]));
        assertEquals(3, dropped("link_lost"));
        made.forEach(buffer -> assertEquals(0, buffer.refCnt()));
    }

    private void add(int number, int bytes, Kind kind) {
        ByteBuf head = Unpooled.buffer().writeInt(number);
        ByteBuf payload = Unpooled.buffer().writeZero(bytes);
        made.add(head);
        made.add(payload);
        queue.add(head, payload, kind);
    }

    private List<Integer> takeAll() {
        List<Integer> numbers = new ArrayList<>();
        ByteBuf[] pair = new ByteBuf[2];
        while (queue.poll(pair)) {
            numbers.add(pair[0].readInt());
            pair[0].release();
            pair[1].release();
        }
        return numbers;
    }

    private double dropped(String reason) {
        return registry.get("warren.relay.dropped").tags("reason", reason).counters().stream()
                .mapToDouble(Counter::count)
                .sum();
    }
}
