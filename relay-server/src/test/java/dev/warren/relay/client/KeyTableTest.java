package dev.warren.relay.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.warren.protocol.key.NodePublicKey;
import dev.warren.protocol.testing.Seeds;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class KeyTableTest {
    private final RandomGenerator random = Seeds.random(1);
    private final KeyTable<Integer> table = new KeyTable<>();

    @Test
    void shouldFindAKeyByItsBytesInTheMiddleOfABuffer() {
        NodePublicKey key = key();
        table.add(key, 7);
        ByteBuf frame = Unpooled.buffer().writeZero(5).writeBytes(key.bytes()).writeZero(3);

        assertEquals(7, table.find(frame, 5));
        assertNull(table.find(frame, 4));
        assertEquals(7, table.find(key));
    }

    @Test
    void shouldTellKeysApartThatDifferInOneBitAnywhere() {
        byte[] bytes = key().bytes();
        table.add(NodePublicKey.of(bytes), 1);
        for (int bit = 0; bit < 8 * NodePublicKey.LENGTH; bit++) {
            byte[] other = bytes.clone();
            other[bit / 8] ^= (byte) (1 << (bit % 8));
            assertNull(table.find(Unpooled.wrappedBuffer(other), 0), "bit " + bit);
            assertNull(table.find(NodePublicKey.of(other)), "bit " + bit);
        }
    }

    @Test
    void shouldHoldKeysThatShareTheirHash() {
        List<NodePublicKey> alike = new ArrayList<>();
        byte[] bytes = key().bytes();
        for (int i = 0; i < 100; i++) {
            bytes[31] = (byte) i; // the hash is of the first eight bytes
            alike.add(NodePublicKey.of(bytes));
            table.add(alike.getLast(), i);
        }
        for (int i = 0; i < 100; i += 2) {
            table.remove(alike.get(i));
        }
        for (int i = 0; i < 100; i++) {
            assertEquals(i % 2 == 0 ? null : i, table.find(alike.get(i)));
        }
        assertEquals(50, table.size());
    }

    @Test
    void shouldRefuseAKeyThatItHas() {
        NodePublicKey key = key();
        table.add(key, 1);

        assertThrows(IllegalArgumentException.class, () -> table.add(key, 2));
        assertEquals(1, table.find(key));
        assertEquals(1, table.size());
    }

    @Test
    void shouldBehaveLikeAMapWhileItGrowsAndShrinks() {
        Map<NodePublicKey, Integer> model = new HashMap<>();
        List<NodePublicKey> keys = new ArrayList<>();
        for (int i = 0; i < 3000; i++) {
            keys.add(key());
        }
        for (int step = 0; step < 20_000; step++) {
            NodePublicKey key = keys.get(random.nextInt(keys.size()));
            if (model.containsKey(key) || random.nextInt(8) == 0) {
                model.remove(key);
                table.remove(key);
            } else {
                model.put(key, step);
                table.add(key, step);
            }
            assertEquals(model.size(), table.size());
        }
        for (NodePublicKey key : keys) {
            assertEquals(model.get(key), table.find(key));
            assertEquals(model.get(key), table.find(Unpooled.wrappedBuffer(key.bytes()), 0));
        }
        List<Integer> values = new ArrayList<>();
        table.forEach(values::add);
        assertEquals(
                model.values().stream().sorted().toList(),
                values.stream().sorted().toList());
    }

    @Test
    void shouldAlwaysFindWhatStaysWhileAnotherThreadChangesTheRest() throws Exception {
        List<NodePublicKey> staying = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            staying.add(key());
            table.add(staying.getLast(), i);
        }
        AtomicBoolean over = new AtomicBoolean();
        Callable<Long> reader = () -> {
            long missed = 0;
            do {
                for (int i = 0; i < staying.size(); i++) {
                    Integer found = table.find(staying.get(i));
                    missed += found == null || found != i ? 1 : 0;
                }
            } while (!over.get());
            return missed;
        };
        try (ExecutorService threads = Executors.newSingleThreadExecutor()) {
            Future<Long> missed = threads.submit(reader);
            for (int round = 0; round < 20; round++) {
                List<NodePublicKey> passing = new ArrayList<>();
                for (int i = 0; i < 500; i++) {
                    passing.add(key());
                    table.add(passing.getLast(), -1);
                }
                passing.forEach(table::remove);
            }
            over.set(true);
            assertEquals(0, missed.get());
        }
    }

    private NodePublicKey key() {
        byte[] bytes = new byte[NodePublicKey.LENGTH];
        random.nextBytes(bytes);
        return NodePublicKey.of(bytes);
    }
}
