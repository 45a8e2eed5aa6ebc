package dev.warren.loadtest.stun;

import dev.warren.platform.linux.LinuxException;
import java.util.List;

/** When requests are sent. */
sealed interface Pace {
    /** No time: {@link #nextNanos} of a pace that waits for answers. */
    long NEVER = Long.MAX_VALUE;

    /** {@code flow} has got answers, or given requests up. */
    void onRoom(Flow flow, long nowNanos) throws LinuxException;

    /** Sends what is due by now and was due before {@code untilNanos}; whether anything was. */
    boolean onTime(long nowNanos, long untilNanos) throws LinuxException;

    /** When the next request is due. */
    long nextNanos();

    /** So many requests in flight: an answer lets the next request go. */
    final class Closed implements Pace {
        private final int each;
        private final int more;

        /** {@code window} requests in flight, shared out among so many flows. */
        Closed(int window, int flows) {
            each = window / flows;
            more = window % flows;
        }

        @Override
        public void onRoom(Flow flow, long nowNanos) throws LinuxException {
            int share = flow.number() < more ? each + 1 : each;
            while (flow.inFlight() < share && flow.hasRoom()) {
                while (flow.inFlight() < share && flow.hasRoom()) {
                    flow.ask(nowNanos, nowNanos);
                }
                flow.flush(nowNanos);
            }
        }

        @Override
        public boolean onTime(long nowNanos, long untilNanos) {
            return false;
        }

        @Override
        public long nextNanos() {
            return NEVER;
        }
    }

    /**
     * So many requests each second, whatever becomes of them. Latency counts from the time when a request should have
     * gone out, so nothing that holds up this program or the server is hidden.
     */
    final class Open implements Pace {
        private final List<Flow> flows;
        private final double gapNanos;
        private final long startNanos;
        private long count;
        private int turn;

        /** {@code rate} requests a second over all flows, from {@code startNanos} on. */
        Open(List<Flow> flows, double rate, long startNanos) {
            this.flows = flows;
            this.gapNanos = 1e9 / rate;
            this.startNanos = startNanos;
        }

        @Override
        public void onRoom(Flow flow, long nowNanos) {}

        @Override
        public boolean onTime(long nowNanos, long untilNanos) throws LinuxException {
            long dueNanos = Math.min(nowNanos, untilNanos - 1);
            boolean due = nextNanos() <= dueNanos;
            // Each flow at most once: answers have to be read in between, also when much is due.
            for (int i = 0; i < flows.size() && nextNanos() <= dueNanos; i++) {
                Flow flow = flows.get(turn);
                turn = turn + 1 == flows.size() ? 0 : turn + 1;
                while (nextNanos() <= dueNanos && flow.hasRoom()) {
                    flow.ask(nextNanos(), nowNanos);
                    count++;
                }
                flow.flush(nowNanos);
            }
            return due;
        }

        @Override
        public long nextNanos() {
            return startNanos + (long) (count * gapNanos);
        }
    }

    /** Nothing any more. */
    final class Ended implements Pace {
        @Override
        public void onRoom(Flow flow, long nowNanos) {}

        @Override
        public boolean onTime(long nowNanos, long untilNanos) {
            return false;
        }

        @Override
        public long nextNanos() {
            return NEVER;
        }
    }
}
