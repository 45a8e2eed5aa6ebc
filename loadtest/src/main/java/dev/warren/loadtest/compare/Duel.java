package dev.warren.loadtest.compare;

import dev.warren.loadtest.measure.Result;
import java.util.ArrayList;
import java.util.List;

/**
 * Runs two subjects in turn under one load. The order flips from round to round (A B, B A, A B, ...), so that whatever
 * drifts meanwhile, such as the machine's temperature, meets both alike.
 */
final class Duel {
    /** Runs one subject once. A run that failed is a result that is not clean. */
    interface Runner {
        Result run(Subject subject, Cell cell) throws InterruptedException;

        /** Waits, for a bounded time, until a run that was not clean has a better chance. */
        void settle() throws InterruptedException;
    }

    /** The two runs of a round. */
    record Pair(int round, Result a, Result b) {
        boolean isClean() {
            return a.isClean() && b.isClean();
        }
    }

    /** Told of every run, those that are repeated too. */
    interface Listener {
        void ran(int round, Result result);
    }

    private final Runner runner;
    private final Listener listener;
    private final Subject a;
    private final Subject b;

    Duel(Runner runner, Listener listener, Subject a, Subject b) {
        this.runner = runner;
        this.listener = listener;
        this.a = a;
        this.b = b;
    }

    /** All rounds of a cell. A run that was not clean is repeated at once, as often as the plan allows. */
    List<Pair> run(Cell cell, Plan plan) throws InterruptedException {
        List<Pair> pairs = new ArrayList<>();
        for (int round = 1; round <= plan.rounds(); round++) {
            Turn turn = new Turn(round, cell, plan.retries());
            if (round % 2 == 1) {
                Result first = run(a, turn);
                pairs.add(new Pair(round, first, run(b, turn)));
            } else {
                Result first = run(b, turn);
                pairs.add(new Pair(round, run(a, turn), first));
            }
        }
        return List.copyOf(pairs);
    }

    private record Turn(int round, Cell cell, int retries) {}

    private Result run(Subject subject, Turn turn) throws InterruptedException {
        for (int left = turn.retries; ; left--) {
            Result result = runner.run(subject, turn.cell);
            listener.ran(turn.round, result);
            if (result.isClean() || left == 0) {
                return result;
            }
            runner.settle();
        }
    }
}
