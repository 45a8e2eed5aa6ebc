package dev.warren.protocol.simulation;

import dev.warren.protocol.testing.Seeds;
import java.net.InetAddress;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/**
 * The simulated network: makes what is in it, holds the clock and the randomness, and knows what became of each
 * datagram. Single-threaded.
 */
public final class SimNetwork {
    private final long seed;
    private final RandomGenerator random;
    private final Timeline time = new Timeline();
    private final Segment internet = new Segment(this, "internet", false);
    private final Map<Fate, Long> fates = new EnumMap<>(Fate.class);
    private Consumer<PacketEvent> tap = event -> {};
    private long trace;

    /** A network with nothing in it but the internet. */
    public SimNetwork(long seed) {
        this.seed = seed;
        this.random = Seeds.random(seed);
    }

    /** The clock. */
    public Timeline time() {
        return time;
    }

    /** The one source of randomness; who draws from it becomes part of the course of events. */
    public RandomGenerator random() {
        return random;
    }

    /** Where every public address is. */
    public Segment internet() {
        return internet;
    }

    /** A LAN without a NAT yet. */
    public Segment lan(String name) {
        return new Segment(this, name, false);
    }

    /** A LAN whose hosts reach only the NAT, not one another. */
    public Segment isolatingLan(String name) {
        return new Segment(this, name, true);
    }

    /** A host without an address yet. */
    public Host host(String name) {
        return new Host(this, name);
    }

    /** A host with an address. */
    public Host host(String name, Segment segment, String address) {
        Host host = new Host(this, name);
        host.attach(segment, address);
        return host;
    }

    /** A NAT with its way out; {@link Nat#serve} gives it a LAN. */
    public Nat nat(String name, NatKind kind, Segment outside, String outsideAddress) {
        return new Nat(this, name, kind, outside, InetAddress.ofLiteral(outsideAddress));
    }

    /** Lets {@code duration} pass. */
    public void run(Duration duration) {
        time.run(duration);
    }

    /** Lets time pass until the condition holds, at most {@code limit}; whether it came to hold. */
    public boolean runUntil(BooleanSupplier condition, Duration limit) {
        return time.runUntil(condition, limit);
    }

    /** How many datagrams ended so. */
    public long count(Fate fate) {
        return fates.getOrDefault(fate, 0L);
    }

    /** Is told of each datagram's end from now on, in place of the tap before. */
    public void tap(Consumer<PacketEvent> listener) {
        tap = listener;
    }

    /** A number that stands for the whole course so far: every datagram's time, fate, addresses and content. */
    public long trace() {
        return trace;
    }

    void ended(Fate fate, String place, Datagram datagram) {
        fates.merge(fate, 1L, Long::sum);
        trace = mix(trace, time.nowNanos());
        trace = mix(trace, fate.name().hashCode());
        trace = mix(trace, datagram.source().hashCode());
        trace = mix(trace, datagram.destination().hashCode());
        trace = mix(trace, Arrays.hashCode(datagram.payload()));
        tap.accept(new PacketEvent(time.nowNanos(), fate, place, datagram));
    }

    private static long mix(long hash, long value) {
        return (hash ^ value) * 0x100000001b3L + 0x9e3779b97f4a7c15L;
    }

    @Override
    public String toString() {
        return "network with seed " + seed + " at " + Duration.ofNanos(time.nowNanos()) + ": " + fates;
    }
}
