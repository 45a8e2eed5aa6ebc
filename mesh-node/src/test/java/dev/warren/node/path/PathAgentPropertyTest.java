package dev.warren.node.path;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.protocol.disco.TxId;
import dev.warren.protocol.testing.Seeds;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Whatever happens in whatever order, an agent keeps these rules. */
@Timeout(30)
final class PathAgentPropertyTest {
    private static final long MILLI = 1_000_000L;
    private static final long SECOND = 1_000 * MILLI;
    private static final int ADDRESSES = 40;
    private static final int STEPS = 400;

    @Test
    void noOrderOfEventsBreaksTheRules() {
        Seeds.forEach(300, random -> {
            Life life = new Life(random);
            for (int i = 0; i < STEPS; i++) {
                life.step();
            }
            life.comesToRest();
        });
    }

    /** An agent, random events, and a model of what it may know. */
    private static final class Life implements PathAgent.Output {
        private record Ping(InetSocketAddress to, long atNanos) {}

        private final RandomGenerator random;
        private final PathAgent agent;
        private final List<InetSocketAddress> addresses = new ArrayList<>();
        private final Map<TxId, Ping> unanswered = new HashMap<>();
        private final Map<InetSocketAddress, Long> lastPongNanos = new HashMap<>();
        private final Deque<Long> unansweredNanos = new ArrayDeque<>();
        private final Set<InetSocketAddress> pingedNow = new HashSet<>();
        private long lastSentNanos = Long.MIN_VALUE / 2;
        private long nowNanos = SECOND;

        Life(RandomGenerator random) {
            this.random = random;
            this.agent = new PathAgent(random, this);
            for (int i = 0; i < ADDRESSES; i++) {
                String ip = i % 3 == 0 ? "10.0.0." + i : i % 3 == 1 ? "203.0.113." + i : "2001:db8::" + i;
                addresses.add(new InetSocketAddress(ip, 1000 + i));
            }
        }

        @Override
        public void ping(InetSocketAddress to, TxId id) {
            unanswered.put(id, new Ping(to, nowNanos));
            unansweredNanos.add(nowNanos);
            pingedNow.add(to);
            while (nowNanos - unansweredNanos.getFirst() >= PathTimers.PING_TIMEOUT) {
                unansweredNanos.removeFirst();
            }
            assertTrue(
                    unansweredNanos.size() <= PathTimers.MAX_OUTSTANDING,
                    () -> unansweredNanos.size() + " pings within five seconds that nobody answered");
        }

        @Override
        public void callMeMaybe() {
            assertTrue(!pingedNow.isEmpty(), "a call goes out behind pings");
            assertTrue(nowNanos - lastSentNanos < PathTimers.SESSION_IDLE, "only one that sends calls");
            assertTrue(!agent.route().isTrusted(nowNanos), "a trusted path needs no call");
        }

        void step() {
            if (random.nextInt(3) == 0) {
                advance(random.nextInt(4) == 0 ? random.nextLong(20 * SECOND) : random.nextLong(300 * MILLI));
            } else {
                pingedNow.clear();
                event();
                check();
            }
        }

        private void event() {
            switch (random.nextInt(12)) {
                case 0, 1, 2 -> {
                    lastSentNanos = nowNanos;
                    agent.onSent(random.nextBoolean(), nowNanos);
                }
                case 3, 4 -> pong();
                case 5 -> agent.onPing(anyAddress(), nowNanos);
                case 6 -> agent.onCallMeMaybe(someAddresses(), nowNanos);
                case 7 -> agent.setEndpoints(someAddresses(), nowNanos);
                case 8 -> agent.onAuthenticated(random.nextBoolean(), nowNanos);
                case 9 -> agent.onSendFailed(anyAddress(), nowNanos);
                case 10 -> agent.onPong(TxId.random(random), nowNanos);
                default -> rare();
            }
        }

        private void rare() {
            if (random.nextInt(5) == 0) {
                agent.onNetworkChanged(nowNanos);
                lastPongNanos.clear();
                unanswered.clear();
                unansweredNanos.clear();
            } else {
                agent.setRelay(random.nextInt(3));
            }
        }

        private void pong() {
            if (unanswered.isEmpty()) {
                return;
            }
            List<TxId> ids = List.copyOf(unanswered.keySet());
            TxId id = ids.get(random.nextInt(ids.size()));
            Ping ping = unanswered.get(id);
            unanswered.remove(id);
            if (ping != null && agent.onPong(id, nowNanos)) {
                lastPongNanos.put(ping.to(), nowNanos);
                unansweredNanos.removeFirstOccurrence(ping.atNanos());
                assertTrue(nowNanos - ping.atNanos() < PathTimers.PING_TIMEOUT, "an old pong proves nothing");
            }
        }

        private void advance(long durationNanos) {
            long endNanos = nowNanos + durationNanos;
            while (agent.nextDeadlineNanos() <= endNanos) {
                nowNanos = Math.max(nowNanos, agent.nextDeadlineNanos());
                pingedNow.clear();
                agent.poll(nowNanos);
                assertTrue(agent.nextDeadlineNanos() > nowNanos, "the next deadline after poll is later than now");
                check();
            }
            nowNanos = endNanos;
        }

        private void check() {
            assertTrue(pingedNow.size() <= PathTimers.MAX_CANDIDATES, "no more addresses than there may be");
            Route route = agent.route();
            InetSocketAddress direct = route.direct();
            if (direct == null) {
                assertEquals(-1, agent.latencyNanos());
                return;
            }
            assertTrue(lastPongNanos.containsKey(direct), () -> direct + " was never ponged");
            long pong = lastPongNanos.getOrDefault(direct, 0L);
            assertTrue(agent.latencyNanos() >= 0);
            assertTrue(
                    route.trustedUntilNanos() <= pong + PathTimers.TRUST,
                    "a pong proves its path for 6.5 s, no longer");
        }

        /** Without any event more, everything ends by itself. */
        void comesToRest() {
            advance(60 * SECOND);
            assertEquals(Long.MAX_VALUE, agent.nextDeadlineNanos(), "an idle agent has no deadline");
            assertTrue(!agent.route().isTrusted(nowNanos));
        }

        private InetSocketAddress anyAddress() {
            return addresses.get(random.nextInt(ADDRESSES));
        }

        private List<InetSocketAddress> someAddresses() {
            Set<InetSocketAddress> some = new HashSet<>();
            for (int i = random.nextInt(12); i > 0; i--) {
                some.add(anyAddress());
            }
            return List.copyOf(some);
        }
    }
}
