package dev.warren.node.api;

import static dev.warren.node.api.RotatingEnd.SCHEDULE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.node.keys.KeyId;
import dev.warren.node.keys.PskProvider;
import dev.warren.protocol.key.NodePrivateKey;
import dev.warren.protocol.key.NodePublicKey;
import dev.warren.protocol.key.PresharedKey;
import dev.warren.protocol.testing.Seeds;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Objects;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The steps of a schedule, on real devices and real files, by a clock that jumps. */
@Timeout(120)
class KeyRotationTest {
    private static final long TICK = 20_000_000L;
    private static final int DELAY_TICKS = 2;
    private static final int TICKS_PER_PACKET = 11;
    private static final Duration PERIOD = SCHEDULE.period();

    @TempDir
    Path folder;

    private final RandomGenerator random = Seeds.random(5);
    private final ArrayDeque<byte[][]> toLeft = new ArrayDeque<>();
    private final ArrayDeque<byte[][]> toRight = new ArrayDeque<>();
    private RotatingEnd left;
    private RotatingEnd right;
    private long tick;
    private boolean streams = true;

    @BeforeEach
    void open() {
        left = new RotatingEnd(folder.resolve("left"), 1, random);
        right = new RotatingEnd(folder.resolve("right"), 2, random);
        RotatingEnd.connect(left, right);
        for (int i = 0; i < DELAY_TICKS; i++) {
            toLeft.add(new byte[0][]);
            toRight.add(new byte[0][]);
        }
    }

    private void begin() throws IOException {
        left.begin();
        right.begin();
    }

    private void run(Duration duration) throws IOException {
        long end = tick + duration.toNanos() / TICK;
        while (tick < end) {
            tick();
        }
    }

    private void tick() throws IOException {
        tick++;
        left.run(tick * TICK);
        right.run(tick * TICK);
        for (byte[] message : toLeft.remove()) {
            left.receive(message);
        }
        for (byte[] message : toRight.remove()) {
            right.receive(message);
        }
        if (streams && tick % TICKS_PER_PACKET == 0) {
            left.send();
            right.send();
        }
        toRight.add(left.transmitted.toArray(new byte[0][]));
        toLeft.add(right.transmitted.toArray(new byte[0][]));
        left.transmitted.clear();
        right.transmitted.clear();
    }

    private void assertNothingLost() throws IOException {
        streams = false;
        run(Duration.ofSeconds(8));
        assertEquals(left.sent, right.delivered);
        assertEquals(right.sent, left.delivered);
        streams = true;
    }

    @Test
    void shouldLoseNothingOverManyChangesByClocksThatAreApart() throws IOException {
        left.skew = Duration.ofSeconds(9);
        right.skew = Duration.ofSeconds(-7);
        begin();
        run(PERIOD.multipliedBy(20));
        assertNothingLost();
        for (RotatingEnd end : new RotatingEnd[] {left, right}) {
            assertTrue(end.usedKeys.size() >= 20, end.usedKeys.size() + " keys");
            int files = end.keys.privateKeyGenerations(new KeyId("wg0")).list().size();
            assertEquals(2, files, "the one in use, and the next one");
            assertFalse(end.peer.presharedKey().isZero());
        }
        assertEquals(left.device.publicKey(), right.peer.publicKey());
        assertEquals(right.device.publicKey(), left.peer.publicKey());
    }

    @Test
    void shouldLoseNothingWhenTheChangesBeginAtOneEndLongBeforeTheOther() throws IOException {
        PresharedKey common = PresharedKey.generate(random);
        left.peer.setPresharedKey(common);
        right.peer.setPresharedKey(common);
        left.begin();
        right.ownNext = Instant.MAX;
        right.presharedNext = Instant.MAX;
        run(Duration.ofSeconds(75));
        assertNotEquals(common, left.peer.presharedKey());
        assertEquals(common, right.peer.presharedKey());
        right.begin();
        right.ownNext = Instant.MIN;
        right.presharedNext = Instant.MIN;
        run(PERIOD.multipliedBy(2));
        assertNothingLost();
        assertEquals(left.peer.presharedKey(), right.peer.presharedKey());
    }

    /** A process dies at any point, also in the middle of a step, and the next one goes on from what is there. */
    @Test
    void shouldGoOnAfterARestartAtAnyPoint() throws IOException {
        begin();
        run(Duration.ofSeconds(40));
        for (int times = 0; times < 60; times++) {
            RotatingEnd end = random.nextBoolean() ? left : right;
            end.questionsLeft = random.nextInt(14);
            runUntilItDies(end);
            end.restart();
            int toLeftBefore = left.delivered;
            int toRightBefore = right.delivered;
            run(Duration.ofSeconds(30));
            assertTrue(left.delivered > toLeftBefore + 10, "packets to the left after restart " + times);
            assertTrue(right.delivered > toRightBefore + 10, "packets to the right after restart " + times);
        }
        assertTrue(left.usedKeys.size() > 10 && right.usedKeys.size() > 10);
    }

    private void runUntilItDies(RotatingEnd end) throws IOException {
        try {
            run(PERIOD.multipliedBy(2));
        } catch (IOException died) {
            assertTrue(end.questionsLeft < 0, died.toString());
        }
    }

    @Test
    void shouldKeepTheOldKeyForAPeerThatWasNotToldAndEndItAtLast() throws IOException {
        begin();
        left.tells = false;
        run(Duration.ofSeconds(88));
        NodePublicKey old = left.device.publicKey();
        run(Duration.ofSeconds(10));
        NodePublicKey changed = left.device.publicKey();
        assertNotEquals(old, changed);
        run(Duration.ofSeconds(60));
        assertEquals(old, left.device.pendingPublicKey(), "long after the overlap");
        assertEquals(old, right.peer.publicKey());
        assertNothingLost();
        run(Duration.ofSeconds(30));
        assertNotEquals(old, left.device.pendingPublicKey(), "an overlap before the next change");
        assertEquals(changed, left.device.publicKey());
    }

    @Test
    void shouldDropTheOldKeyAfterTheOverlapWhenNobodyIsThere() throws IOException {
        begin();
        streams = false;
        run(Duration.ofSeconds(88));
        NodePublicKey old = left.device.publicKey();
        run(Duration.ofSeconds(10));
        assertEquals(old, left.device.pendingPublicKey());
        run(Duration.ofSeconds(15));
        assertNotEquals(old, left.device.pendingPublicKey());
    }

    @Test
    void shouldPutItsOwnKeyBackWhenSomebodySetsAnother() throws IOException {
        begin();
        run(Duration.ofSeconds(95));
        NodePublicKey ours = left.device.publicKey();
        NodePublicKey pending = left.device.pendingPublicKey();
        left.device.setPrivateKey(NodePrivateKey.generate(random), tick * TICK);
        left.own.step(left.now());
        assertEquals(ours, left.device.publicKey());
        assertEquals(pending, left.device.pendingPublicKey());
        run(Duration.ofSeconds(60));
        left.device.setPrivateKey(NodePrivateKey.generate(random), tick * TICK);
        left.own.step(left.now());
        assertEquals(ours, left.device.publicKey());
        assertNotEquals(null, left.device.pendingPublicKey(), "the next one");
    }

    @Test
    void shouldMakeAKeyWhenThereIsNoneAndLeaveThePeersTimeToBeTold() throws IOException {
        left.begin();
        left.tells = false;
        left.keys.privateKeys().delete(new KeyId("wg0"));
        Instant justBefore = Instant.parse("2026-11-29T12:01:55Z");
        left.ownNext = left.own.step(justBefore);
        assertEquals(Instant.parse("2026-11-29T12:04:00Z"), left.ownNext, "the next date is five seconds away");
        var generations = left.keys.privateKeyGenerations(new KeyId("wg0"));
        var first = generations.list().getFirst();
        var next = generations.list().getLast();
        assertEquals(Instant.parse("2026-11-29T12:00:00Z"), first.from());
        assertEquals(left.ownNext, next.from());
        assertEquals(2, generations.list().size());
        assertEquals(
                generations.describe(first).publicText(),
                left.device.publicKey().base64());
        assertEquals(
                generations.describe(next).publicText(),
                Objects.requireNonNull(left.device.pendingPublicKey()).base64());
    }

    @Test
    void shouldStayWithTheOldPresharedKeyUntilTheProviderHasOne() throws IOException {
        PskProvider source = left.provider;
        boolean[] hasKeys = {true};
        left.provider = request -> hasKeys[0] ? source.presharedKey(request) : Optional.empty();
        right.provider = left.provider;
        begin();
        run(Duration.ofSeconds(60));
        hasKeys[0] = false;
        run(PERIOD.multipliedBy(2));
        PresharedKey last = left.peer.presharedKey();
        run(PERIOD);
        assertEquals(last, left.peer.presharedKey());
        hasKeys[0] = true;
        run(Duration.ofSeconds(10));
        assertNotEquals(last, left.peer.presharedKey(), "it was asked again");
        run(PERIOD);
        assertNothingLost();
        assertEquals(left.peer.presharedKey(), right.peer.presharedKey());
    }

    @Test
    void shouldTryAgainAfterAProviderThatFails() throws IOException {
        PskProvider source = left.provider;
        boolean[] fails = {true};
        left.provider = request -> {
            if (fails[0]) {
                throw new IOException("the exchange was broken off");
            }
            return source.presharedKey(request);
        };
        left.begin();
        assertEquals("the exchange was broken off", failure(left.preshared));
        assertTrue(left.peer.presharedKey().isZero());
        fails[0] = false;
        left.preshared.step(left.now());
        assertFalse(left.peer.presharedKey().isZero());
        PresharedKey beside = Objects.requireNonNull(left.peer.pendingPresharedKey());
        assertFalse(beside.isZero(), "the next one: no key at all was no second key");
        left.device.removePeer(left.peer.publicKey());
        assertEquals(KeyRotation.NEVER, left.preshared.step(left.now()));
        assertNull(left.device.peer(right.device.publicKey()));
    }

    private String failure(KeyRotation rotation) {
        try {
            rotation.step(left.now());
            return "";
        } catch (IOException failed) {
            return String.valueOf(failed.getMessage());
        }
    }
}
