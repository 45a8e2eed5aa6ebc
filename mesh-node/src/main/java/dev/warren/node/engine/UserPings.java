package dev.warren.node.engine;

import dev.warren.protocol.disco.TxId;
import dev.warren.protocol.key.NodePublicKey;
import dev.warren.protocol.udprelay.RelayPath;
import java.net.InetSocketAddress;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Pings that a user asked for and whose answer is awaited; the oldest is forgotten when there are too many. */
final class UserPings {
    private static final int MAX = 256;

    /** Where a ping goes: one of the first two, or the region. */
    record Way(@Nullable InetSocketAddress direct, @Nullable RelayPath udpRelay, int region) {}

    private record Asked(long token, NodePublicKey peer, Way way, long sentNanos) {}

    /** An answered ping. */
    record Answered(long token, PingAnswer answer) {}

    private final Map<TxId, Asked> asked = new LinkedHashMap<>();

    void sent(TxId id, long token, NodePublicKey peer, Way way, long nowNanos) {
        if (asked.size() >= MAX) {
            asked.remove(asked.keySet().iterator().next());
        }
        asked.put(id, new Asked(token, peer, way, nowNanos));
    }

    /** What was asked, when the pong answers it. */
    @Nullable
    Answered onPong(TxId id, NodePublicKey from, long nowNanos) {
        Asked ping = asked.get(id);
        if (ping == null || !ping.peer().equals(from)) {
            return null;
        }
        asked.remove(id);
        Way way = ping.way();
        PingAnswer answer =
                new PingAnswer(from, way.direct(), way.udpRelay(), way.region(), nowNanos - ping.sentNanos());
        return new Answered(ping.token(), answer);
    }
}
