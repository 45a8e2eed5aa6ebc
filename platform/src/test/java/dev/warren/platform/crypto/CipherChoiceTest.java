package dev.warren.platform.crypto;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.protocol.crypto.JdkPacketCipher;
import dev.warren.protocol.crypto.PacketCipher;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class CipherChoiceTest {
    @Test
    void shouldChooseNativeCodeWhereItIsThere() {
        try (CipherChoice choice = CipherChoice.make(CipherPreference.AUTO)) {
            assertEquals("libcrypto", choice.name());
            assertTrue(choice.inForce().nanosPerPacket().isEmpty());
        }
    }

    @Test
    void shouldDoAsTheUserPrefers() {
        try (CipherChoice jdk = CipherChoice.make(CipherPreference.JDK);
                CipherChoice libcrypto = CipherChoice.make(CipherPreference.LIBCRYPTO);
                CipherChoice vector = CipherChoice.make(CipherPreference.VECTOR)) {
            assertEquals("jdk", jdk.name());
            assertEquals("libcrypto", libcrypto.name());
            assertEquals("vector", vector.name());
        }
    }

    @Test
    void shouldMeasureWhatIsInForce() throws Exception {
        try (CipherChoice choice = choice(JdkPacketCipher.FACTORY, Map.of(), CipherMeter.ofThreadCpu())) {
            choice.awaitMeasured();

            double nanos = choice.inForce().nanosPerPacket().orElseThrow();
            assertTrue(nanos > 50 && nanos < 1_000_000, () -> nanos + " ns");
        }
    }

    @Test
    void shouldMeasureNativeCodeInSomeTensOfMilliseconds() throws Exception {
        List<Long> budgets = new ArrayList<>();
        CipherMeter meter = new CipherMeter(() -> 0) {
            @Override
            double nanosPerPacket(PacketCipher.Factory factory, long maxNanos) {
                budgets.add(maxNanos);
                return 1000;
            }
        };
        try (CipherChoice choice = choice(Objects.requireNonNull(LibcryptoCipher.find()), Map.of(), meter)) {
            choice.awaitMeasured();
        }
        assertEquals(List.of(40_000_000L), budgets);
    }

    @Test
    void shouldStopMeasuringWhenItsTimeIsUp() throws Exception {
        AtomicLong clock = new AtomicLong();
        // A block takes 1 ms of this clock, and each is faster than the one before: it never settles.
        AtomicLong step = new AtomicLong(1_000_000);
        AtomicLong looks = new AtomicLong();
        CipherMeter meter = new CipherMeter(() -> {
            looks.incrementAndGet();
            return clock.addAndGet(step.updateAndGet(nanos -> nanos - nanos / 40));
        });
        double nanos = meter.nanosPerPacket(JdkPacketCipher.FACTORY, 10_000_000);
        assertTrue(clock.get() >= 10_000_000 && clock.get() < 12_000_000, () -> clock + " ns");
        assertTrue(nanos < 1_000_000 / 200.0, () -> nanos + " ns");
        assertTrue(looks.get() < 20, looks::toString);
    }

    @Test
    void shouldBeMadeOnceForAProcess() {
        CipherChoice shared = CipherChoice.shared(CipherPreference.AUTO);
        assertSame(shared, CipherChoice.shared(CipherPreference.AUTO));
        assertEquals("libcrypto", shared.name());
        assertEquals("jdk", CipherChoice.shared(CipherPreference.JDK).name());
    }

    @Test
    void shouldChangeToAFasterRivalForSessionsFromThenOn() throws Exception {
        Named slow = new Named("slow");
        Named fast = new Named("fast");
        Named fastest = new Named("fastest");
        try (CipherChoice choice = choice(slow, Map.of(slow, 1000.0, fast, 800.0, fastest, 500.0))) {
            choice.awaitMeasured();

            assertEquals("fastest", choice.name());
            assertEquals(fastest, choice.inForce().factory());
            assertEquals(500.0, choice.inForce().nanosPerPacket().orElseThrow());
        }
    }

    @Test
    void shouldNotChangeToWhatFailsItsSelfTest() throws Exception {
        Named slow = new Named("slow");
        Broken broken = new Broken(1420, -1);
        try (CipherChoice choice = choice(slow, Map.of(slow, 1000.0, broken, 1.0))) {
            choice.awaitMeasured();

            assertEquals("slow", choice.name());
        }
    }

    @Test
    void shouldMakeCiphersOfTheImplementationInForce() {
        try (CipherChoice choice = CipherChoice.make(CipherPreference.AUTO);
                PacketCipher cipher = choice.of(new byte[PacketCipher.KEY_LENGTH])) {
            assertEquals(LibcryptoCipher.class, cipher.getClass());
        }
    }

    @Test
    void shouldStartWithTheJdksWhereThereIsNoNativeCode() {
        try (CipherChoice choice = CipherChoice.withoutNativeCode()) {
            assertEquals("jdk", choice.name());
            assertEquals(
                    List.of("vector"),
                    choice.rivals().stream().map(PacketCipher.Factory::name).toList());
        }
    }

    @Test
    void shouldPassTheSelfTestWithAllOfThem() {
        assertTrue(CipherSelfTest.passes(Objects.requireNonNull(LibcryptoCipher.find())));
        assertTrue(CipherSelfTest.passes(Objects.requireNonNull(VectorCipher.find())));
    }

    @Test
    void shouldStayWhereTheDifferenceIsNoise() throws Exception {
        Named first = new Named("first");
        Named rival = new Named("rival");
        try (CipherChoice choice = choice(first, Map.of(first, 1000.0, rival, 950.0))) {
            choice.awaitMeasured();

            assertEquals("first", choice.name());
            assertEquals(1000.0, choice.inForce().nanosPerPacket().orElseThrow());
        }
    }

    @Test
    void shouldStopMeasuringWhenItIsClosed() throws Exception {
        CipherChoice choice =
                new CipherChoice(JdkPacketCipher.FACTORY, List.of(), CipherMeter.ofThreadCpu(), Duration.ofDays(1));
        choice.close();
        choice.awaitMeasured();
        assertTrue(choice.inForce().nanosPerPacket().isEmpty());
        choice.of(new byte[PacketCipher.KEY_LENGTH]).close();
    }

    @Test
    void shouldStopInTheMiddleOfMeasuring() throws Exception {
        CipherMeter interrupted = new CipherMeter(() -> {
            Thread.currentThread().interrupt();
            return 0;
        });
        try (CipherChoice choice = choice(JdkPacketCipher.FACTORY, Map.of(), interrupted)) {
            choice.awaitMeasured();
            assertTrue(choice.inForce().nanosPerPacket().isEmpty());
        }
    }

    @Test
    void shouldReadPreferences() {
        for (CipherPreference one : CipherPreference.values()) {
            assertEquals(one, CipherPreference.parse(one.toString()));
            assertEquals(one, CipherPreference.parse(" " + one.name() + " "));
        }
        IllegalArgumentException refused =
                assertThrows(IllegalArgumentException.class, () -> CipherPreference.parse("rot13"));
        assertEquals("there is no cipher \"rot13\"; use auto, jdk, vector, libcrypto", refused.getMessage());
    }

    @Test
    void shouldPassWhatSealsAsTheJdkDoes() {
        assertTrue(CipherSelfTest.passes(JdkPacketCipher.FACTORY));
    }

    @Test
    void shouldFailWhateverIsNotQuiteThat() {
        assertFalse(CipherSelfTest.passes(new Nothing()));
        assertFalse(CipherSelfTest.passes(new Broken(1420, -1)), "wrong for one length");
        assertFalse(CipherSelfTest.passes(new Broken(-1, 65)), "opens what is forged, of one length");
        assertTrue(CipherSelfTest.passes(new Broken(-1, -1)));
    }

    private static CipherChoice choice(PacketCipher.Factory first, Map<PacketCipher.Factory, Double> figures) {
        return choice(first, figures, new CipherMeter(() -> 0) {
            @Override
            double nanosPerPacket(PacketCipher.Factory factory, long maxNanos) {
                return figures.getOrDefault(factory, Double.NaN);
            }
        });
    }

    private static CipherChoice choice(
            PacketCipher.Factory first, Map<PacketCipher.Factory, Double> figures, CipherMeter meter) {
        List<PacketCipher.Factory> rivals =
                figures.keySet().stream().filter(one -> !one.equals(first)).toList();
        return new CipherChoice(first, rivals, meter, Duration.ZERO);
    }

    /** The JDK's under another name; two of them are never the same. */
    private static final class Named implements PacketCipher.Factory {
        private final String name;

        Named(String name) {
            this.name = name;
        }

        @Override
        public PacketCipher of(byte[] key) {
            return JdkPacketCipher.FACTORY.of(key);
        }

        @Override
        public String name() {
            return name;
        }
    }

    /** No cipher at all: what it seals is what it was, and whatever comes opens. */
    private record Nothing() implements PacketCipher.Factory {
        @Override
        public PacketCipher of(byte[] key) {
            return new PacketCipher() {
                @Override
                public void seal(long counter, MemorySegment memory, long offset, int length) {}

                @Override
                public boolean open(long counter, MemorySegment memory, long offset, int length) {
                    return true;
                }

                @Override
                public void close() {}
            };
        }

        @Override
        public String name() {
            return "nothing";
        }
    }

    /** The JDK's, with a mistake: takes another counter for one length, or every tag for another. */
    private record Broken(int otherLength, int trustedLength) implements PacketCipher.Factory {
        @Override
        public PacketCipher of(byte[] key) {
            PacketCipher right = JdkPacketCipher.FACTORY.of(key);
            return new PacketCipher() {
                @Override
                public void seal(long counter, MemorySegment memory, long offset, int length) {
                    right.seal(shifted(counter, length), memory, offset, length);
                }

                @Override
                public boolean open(long counter, MemorySegment memory, long offset, int length) {
                    return right.open(shifted(counter, length - TAG_LENGTH), memory, offset, length)
                            || length - TAG_LENGTH == trustedLength;
                }

                @Override
                public void close() {
                    right.close();
                }
            };
        }

        @Override
        public String name() {
            return "broken";
        }

        private long shifted(long counter, int length) {
            return length == otherLength ? counter + 1000 : counter;
        }
    }
}
