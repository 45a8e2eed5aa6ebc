package dev.warren.protocol.wireguard;

import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.function.Predicate;

/** Two nodes, a delay between them, and a clock that jumps to whatever comes next. */
final class VirtualLink {
    static final long SECOND = 1_000_000_000L;

    final TestNode one;
    final TestNode other;
    final long delayNanos;
    /** Messages for which this holds never arrive. */
    Predicate<byte[]> lost = _ -> false;

    long nowNanos;
    private final PriorityQueue<InFlight> inFlight =
            new PriorityQueue<>(Comparator.comparingLong(InFlight::atNanos).thenComparingLong(InFlight::number));
    private long number;

    VirtualLink(TestNode one, TestNode other, long delayNanos, long startNanos) {
        this.one = one;
        this.other = other;
        this.delayNanos = delayNanos;
        this.nowNanos = startNanos;
    }

    private record InFlight(long atNanos, long number, TestNode from, TestNode to, Ciphertext message) {}

    /** Runs timers and deliveries up to {@code untilNanos}. */
    void runUntil(long untilNanos) {
        collect();
        while (true) {
            long next = Math.min(one.device.nextDeadlineNanos(), other.device.nextDeadlineNanos());
            InFlight first = inFlight.peek();
            next = Math.min(next, first == null ? Long.MAX_VALUE : first.atNanos);
            if (next > untilNanos) {
                nowNanos = untilNanos;
                return;
            }
            nowNanos = Math.max(nowNanos, next);
            one.device.poll(nowNanos);
            other.device.poll(nowNanos);
            while (first != null && first.atNanos <= nowNanos) {
                inFlight.remove();
                first.to.receive(first.message.bytes(), first.from, nowNanos);
                first = inFlight.peek();
            }
            collect();
        }
    }

    void run(long nanos) {
        runUntil(nowNanos + nanos);
    }

    private void collect() {
        collect(one, other);
        collect(other, one);
    }

    private void collect(TestNode from, TestNode to) {
        while (!from.transmitted.isEmpty()) {
            byte[] message = from.transmitted.remove();
            if (!lost.test(message)) {
                inFlight.add(new InFlight(nowNanos + delayNanos, number++, from, to, Ciphertext.of(message)));
            }
        }
    }
}
