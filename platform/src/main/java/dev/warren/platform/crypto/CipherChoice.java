package dev.warren.platform.crypto;

import dev.warren.platform.config.UserError;
import dev.warren.platform.linux.ThreadPriority;
import dev.warren.protocol.crypto.JdkPacketCipher;
import dev.warren.protocol.crypto.PacketCipher;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The choice between the implementations of ChaCha20-Poly1305 for a program's data messages. It is made at once: native
 * code where it is there and passes its self-test, else the JDK's. A few seconds later, when the first packets are
 * through, a thread of low priority measures: the one in force, so that the user can be shown a figure, which takes some
 * 30 ms of CPU; and all of them where native code is missing, because then the fastest depends on the machine, which
 * takes a second or two as the JVM has to compile them first. Sessions that begin after that use what was faster.
 *
 * <p>Any thread may use it. One that is {@link #shared} is never closed.
 */
public final class CipherChoice implements PacketCipher.Factory, AutoCloseable {
    private static final Duration MEASURED_AFTER = Duration.ofSeconds(5);
    /** CPU time for native code, of which only the calls have to be compiled. */
    private static final long MAX_NATIVE_NANOS = 40_000_000;
    /** The same for what is all Java. */
    private static final long MAX_COMPILED_NANOS = 1_500_000_000;
    /** By how much another one has to be faster for it to be worth a change: what figures of one thing differ by. */
    private static final double MARGIN = 0.9;

    /** Bytes of the packet for which {@link InForce#nanosPerPacket} is: a whole one at the usual MTU. */
    public static final int MEASURED_BYTES = CipherMeter.LENGTH;

    private static final Logger LOG = LoggerFactory.getLogger(CipherChoice.class);
    private static final Map<CipherPreference, CipherChoice> SHARED = new EnumMap<>(CipherPreference.class);

    private final List<PacketCipher.Factory> rivals;
    private final CipherMeter meter;
    private final Thread measuring;
    private volatile InForce inForce;

    /**
     * What is in force.
     *
     * @param factory makes the ciphers
     * @param nanosPerPacket CPU time for a packet of 1420 bytes, the mean of sealing and opening; empty until measured
     */
    public record InForce(PacketCipher.Factory factory, OptionalDouble nanosPerPacket) {
        /** The word for users, such as {@code libcrypto}. */
        public String name() {
            return factory.name();
        }
    }

    /** Chooses {@code first}; where there are {@code rivals}, the fastest of all is in force once they are measured. */
    CipherChoice(PacketCipher.Factory first, List<PacketCipher.Factory> rivals, CipherMeter meter, Duration after) {
        this.rivals = List.copyOf(rivals);
        this.meter = meter;
        this.inForce = new InForce(first, OptionalDouble.empty());
        this.measuring = Thread.ofPlatform().name("cipher-measuring").daemon().unstarted(() -> measureAfter(after));
        measuring.start();
    }

    /**
     * The choice of this process for what the user prefers: made, and measured, once.
     *
     * @throws UserError if this machine lacks what the user wants
     */
    public static CipherChoice shared(CipherPreference preference) {
        synchronized (SHARED) {
            return SHARED.computeIfAbsent(preference, CipherChoice::make);
        }
    }

    /** Chooses as {@link #shared} does, anew. */
    static CipherChoice make(CipherPreference preference) {
        return switch (preference) {
            case AUTO -> {
                PacketCipher.Factory libcrypto = LibcryptoCipher.find();
                yield libcrypto != null && CipherSelfTest.passes(libcrypto) ? of(libcrypto) : withoutNativeCode();
            }
            case JDK -> of(JdkPacketCipher.FACTORY);
            case LIBCRYPTO ->
                of(required(
                        LibcryptoCipher.find(),
                        "the cipher libcrypto needs OpenSSL's " + String.join(" or ", LibcryptoFile.NAMES)
                                + ", which this machine lacks: install it, or use another cipher"));
            case VECTOR ->
                of(required(
                        VectorCipher.find(),
                        "the cipher vector needs a JVM with --add-modules " + VectorCipher.MODULE
                                + ": start it so, or use another cipher"));
        };
    }

    /** The JDK's until it is known whether the Vector API is faster: that has to be compiled first, and so tested later. */
    static CipherChoice withoutNativeCode() {
        PacketCipher.Factory vector = VectorCipher.find();
        List<PacketCipher.Factory> rivals = vector == null ? List.of() : List.of(vector);
        return new CipherChoice(JdkPacketCipher.FACTORY, rivals, CipherMeter.ofThreadCpu(), MEASURED_AFTER);
    }

    @Override
    public PacketCipher of(byte[] key) {
        return inForce.factory().of(key);
    }

    @Override
    public String name() {
        return inForce.name();
    }

    /** What is in force now. */
    public InForce inForce() {
        return inForce;
    }

    /** Ends the measuring, if that is not over. */
    @Override
    public void close() {
        measuring.interrupt();
    }

    /** What is measured against that which is in force; for tests. */
    List<PacketCipher.Factory> rivals() {
        return rivals;
    }

    /** Waits until all has been measured; for tests. */
    void awaitMeasured() throws InterruptedException {
        measuring.join();
    }

    private static CipherChoice of(PacketCipher.Factory first) {
        return new CipherChoice(first, List.of(), CipherMeter.ofThreadCpu(), MEASURED_AFTER);
    }

    private static PacketCipher.Factory required(PacketCipher.@Nullable Factory factory, String missing) {
        if (factory == null) {
            throw new UserError(missing);
        }
        if (!CipherSelfTest.passes(factory)) {
            throw new UserError("the cipher " + factory.name()
                    + " fails its self-test on this machine: use another one, and report this");
        }
        return factory;
    }

    private void measureAfter(Duration wait) {
        int _ = ThreadPriority.yieldToAll();
        try {
            Thread.sleep(wait);
            measure();
        } catch (InterruptedException closed) {
            Thread.currentThread().interrupt();
        }
    }

    private void measure() throws InterruptedException {
        InForce best = measured(inForce.factory());
        inForce = best;
        overtake(best);
        LOG.info(
                "packets are sealed by the cipher {}: {} ns for one of {} bytes",
                inForce.name(),
                Math.round(inForce.nanosPerPacket().orElseThrow()),
                CipherMeter.LENGTH);
    }

    private void overtake(InForce best) throws InterruptedException {
        double least = best.nanosPerPacket().orElseThrow() * MARGIN;
        for (PacketCipher.Factory rival : rivals) {
            if (!CipherSelfTest.passes(rival)) {
                continue;
            }
            InForce other = measured(rival);
            double nanos = other.nanosPerPacket().orElseThrow();
            if (nanos < least) {
                inForce = other;
                least = nanos;
            }
        }
    }

    private InForce measured(PacketCipher.Factory factory) throws InterruptedException {
        long maxNanos = factory.equals(LibcryptoCipher.find()) ? MAX_NATIVE_NANOS : MAX_COMPILED_NANOS;
        return new InForce(factory, OptionalDouble.of(meter.nanosPerPacket(factory, maxNanos)));
    }
}
