package dev.warren.protocol.simulation;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;
import java.util.function.BooleanSupplier;

/**
 * Virtual time. It stands still while something runs, and jumps to the next event or the next actor's deadline. Events
 * of one moment run in the order in which they were planned.
 */
public final class Timeline {
    /** Something with deadlines of its own, such as an agent. */
    public interface Actor {
        /** When {@link #poll} has something to do; {@code Long.MAX_VALUE} for never. */
        long nextDeadlineNanos();

        /** Does what is due; after it the next deadline must be later than {@code nowNanos}. */
        void poll(long nowNanos);
    }

    private record Event(long atNanos, long number, Runnable action) implements Comparable<Event> {
        @Override
        public int compareTo(Event other) {
            int byTime = Long.compare(atNanos, other.atNanos);
            return byTime != 0 ? byTime : Long.compare(number, other.number);
        }
    }

    private final PriorityQueue<Event> events = new PriorityQueue<>();
    private final List<Actor> actors = new ArrayList<>();
    private long nowNanos;
    private long number;

    /** Starts at one second: a machine that has just booted. */
    Timeline() {
        nowNanos = Duration.ofSeconds(1).toNanos();
    }

    /** The time. */
    public long nowNanos() {
        return nowNanos;
    }

    /** Whether nothing is planned: no datagram is under way. */
    public boolean isQuiet() {
        return events.isEmpty();
    }

    /** Plans an action {@code delayNanos} from now. */
    public void after(long delayNanos, Runnable action) {
        if (delayNanos < 0) {
            throw new IllegalArgumentException("an event in the past: " + delayNanos + " ns from now");
        }
        events.add(new Event(nowNanos + delayNanos, number++, action));
    }

    /** Plans an action after {@code delay}. */
    public void after(Duration delay, Runnable action) {
        after(delay.toNanos(), action);
    }

    /** Plans an action every {@code period} from now on, until it answers false. */
    public void every(Duration period, BooleanSupplier action) {
        after(period, () -> {
            if (action.getAsBoolean()) {
                every(period, action);
            }
        });
    }

    /** From now on the actor is polled at its deadlines. */
    public void add(Actor actor) {
        actors.add(actor);
    }

    /** The actor is polled no more. */
    public void remove(Actor actor) {
        actors.remove(actor);
    }

    /** Lets {@code duration} pass. */
    public void run(Duration duration) {
        runUntil(() -> false, duration);
    }

    /** Lets time pass until the condition holds, at most {@code limit}; whether it came to hold. */
    public boolean runUntil(BooleanSupplier condition, Duration limit) {
        long endNanos = nowNanos + limit.toNanos();
        while (!condition.getAsBoolean()) {
            long nextNanos = nextNanos();
            if (nextNanos > endNanos) {
                nowNanos = endNanos;
                return false;
            }
            nowNanos = Math.max(nowNanos, nextNanos);
            step();
        }
        return true;
    }

    private long nextNanos() {
        Event first = events.peek();
        long next = first == null ? Long.MAX_VALUE : first.atNanos();
        for (Actor actor : actors) {
            next = Math.min(next, actor.nextDeadlineNanos());
        }
        return next;
    }

    /** One event, then every actor whose deadline has come. */
    private void step() {
        Event first = events.peek();
        if (first != null && first.atNanos() <= nowNanos) {
            events.remove();
            first.action().run();
        }
        for (Actor actor : List.copyOf(actors)) {
            if (actor.nextDeadlineNanos() <= nowNanos && actors.contains(actor)) {
                actor.poll(nowNanos);
                if (actor.nextDeadlineNanos() <= nowNanos) {
                    throw new AssertionError(actor + " has a deadline that is past after poll, at " + nowNanos + " ns");
                }
            }
        }
    }
}
