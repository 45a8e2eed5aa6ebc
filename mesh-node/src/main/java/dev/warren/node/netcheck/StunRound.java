package dev.warren.node.netcheck;

import dev.warren.node.netcheck.NetcheckTargets.StunServer;
import dev.warren.protocol.stun.BindingRequest;
import dev.warren.protocol.stun.StunClient;
import dev.warren.protocol.stun.TransactionId;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Asks every STUN server some times, each time with a request of its own, so that a lost one does not look like latency.
 * A server is done with when all have been answered, or one has and the others are overdue, or after 3 s.
 */
final class StunRound {
    private static final long MILLI = 1_000_000;
    /** Tailscale's netcheck sends three, 100 ms apart; ours adds one for networks that lose the first packets. */
    private static final long[] TRIES_NANOS = {0, 100 * MILLI, 200 * MILLI, 1_000 * MILLI};
    /** How many of them are sent even when the first was answered: the shortest round trip counts. */
    private static final int USUAL_TRIES = 3;
    /** STUN's limit in netcheck. */
    static final long LIMIT_NANOS = 3_000 * MILLI;

    private static final long OVERDUE_NANOS = 20 * MILLI;

    /** One server and what it has answered. */
    static final class Asked {
        private final StunServer server;
        private final List<StunClient> tries = new ArrayList<>();
        private long bestNanos = Long.MAX_VALUE;
        private int answers;
        private boolean sent;
        private boolean unsendable;
        private @Nullable InetSocketAddress mapped;

        private Asked(StunServer server) {
            this.server = server;
        }

        StunServer server() {
            return server;
        }

        boolean isIpv4() {
            return server.address().getAddress() instanceof Inet4Address;
        }

        /** Whether a request could not even be sent. */
        boolean isUnsendable() {
            return unsendable && !sent;
        }

        /** The shortest round trip. */
        OptionalLong latencyNanos() {
            return answers == 0 ? OptionalLong.empty() : OptionalLong.of(bestNanos);
        }

        /** Where it sees our socket; null when it has not answered. */
        @Nullable
        InetSocketAddress mapped() {
            return mapped;
        }
    }

    private final List<Asked> servers = new ArrayList<>();
    private final long startNanos;

    StunRound(List<StunServer> servers, RandomGenerator random, long nowNanos) {
        this.startNanos = nowNanos;
        for (StunServer server : servers) {
            Asked asked = new Asked(server);
            for (long delay : TRIES_NANOS) {
                StunClient.Retransmission once = new StunClient.Retransmission(LIMIT_NANOS, 1, LIMIT_NANOS - delay);
                byte[] request = BindingRequest.tailscale(TransactionId.random(random));
                asked.tries.add(new StunClient(server.address(), request, once, nowNanos + delay));
            }
            this.servers.add(asked);
        }
    }

    List<Asked> servers() {
        return servers;
    }

    boolean isOver(long nowNanos) {
        return servers.stream().allMatch(asked -> doneAt(asked) <= nowNanos);
    }

    /** Adds what is due to be sent. */
    void poll(long nowNanos, List<Netcheck.Action> actions) {
        for (Asked asked : servers) {
            if (doneAt(asked) <= nowNanos) {
                continue;
            }
            for (StunClient attempt : some(asked)) {
                byte[] request = attempt.poll(nowNanos);
                if (request != null) {
                    asked.sent = true;
                    int socket = asked.isIpv4() ? Netcheck.STUN_IPV4 : Netcheck.STUN_IPV6;
                    actions.add(new Netcheck.Send(socket, attempt.server(), request));
                }
            }
        }
    }

    long nextDeadlineNanos(long nowNanos) {
        long next = Long.MAX_VALUE;
        for (Asked asked : servers) {
            if (doneAt(asked) > nowNanos) {
                next = Math.min(next, doneAt(asked));
                for (StunClient attempt : some(asked)) {
                    next = Math.min(next, attempt.nextDeadlineNanos());
                }
            }
        }
        return next;
    }

    boolean receive(byte[] buffer, int offset, int length, InetSocketAddress from, long nowNanos) {
        for (Asked asked : servers) {
            if (!asked.server.address().equals(from)) {
                continue;
            }
            for (StunClient attempt : asked.tries) {
                if (attempt.receive(buffer, offset, length, from, nowNanos)) {
                    note(asked, attempt.state());
                    return true;
                }
            }
        }
        return false;
    }

    /** A request to this address was refused by this machine itself. */
    void sendFailed(InetSocketAddress to) {
        for (Asked asked : servers) {
            if (asked.server.address().equals(to) && asked.answers == 0) {
                asked.sent = false;
                asked.unsendable = true;
            }
        }
    }

    private static void note(Asked asked, StunClient.State state) {
        if (state instanceof StunClient.Answered answered) {
            asked.answers++;
            asked.bestNanos = Math.min(asked.bestNanos, answered.roundTripNanos());
            asked.mapped = answered.mapped();
        }
    }

    /** The last try is for those who have not answered any. */
    private static List<StunClient> some(Asked asked) {
        return asked.answers == 0 ? asked.tries : asked.tries.subList(0, USUAL_TRIES);
    }

    /** From when on nothing more is expected of the server, as it looks now. */
    private long doneAt(Asked asked) {
        if (asked.isUnsendable() || asked.answers >= USUAL_TRIES) {
            return startNanos;
        }
        return asked.answers == 0
                ? startNanos + LIMIT_NANOS
                : Math.min(
                        startNanos + LIMIT_NANOS,
                        startNanos + TRIES_NANOS[USUAL_TRIES - 1] + 2 * asked.bestNanos + OVERDUE_NANOS);
    }
}
