package dev.warren.node.cli;

import dev.warren.node.control.ControlReply;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What the node's replies read like. */
final class Replies {
    private Replies() {}

    /** The sentence for a reply that was not the one hoped for. */
    static String refusal(@Nullable ControlReply reply) {
        return reply instanceof ControlReply.Failed failed
                ? failed.reason()
                : "the node ended the connection; look at its own output for the reason";
    }

    /** One line for an answered ping. */
    static String line(ControlReply.Pong pong) {
        String way = pong.udpRelay() != null ? "udp-relay " + pong.udpRelay() : "relay " + pong.relayRegion();
        way = pong.address() != null ? "direct " + pong.address() : way;
        return String.format(
                Locale.ROOT,
                "pong from %s (%s) via %s in %s",
                pong.peer(),
                pong.peerAddress(),
                way,
                StatusTable.latency(pong.latencyMillis()));
    }

    /** One line for a ping without an answer. */
    static String line(ControlReply.Lost lost) {
        return "no answer from " + lost.peer() + " within " + lost.waitedMillis() + " ms";
    }
}
