package dev.warren.node.control;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;

/** What can be asked of a running node over its local socket: one JSON line each. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "request")
@JsonSubTypes({
    @JsonSubTypes.Type(value = ControlRequest.Status.class, name = "status"),
    @JsonSubTypes.Type(value = ControlRequest.Ping.class, name = "ping"),
    @JsonSubTypes.Type(value = ControlRequest.Down.class, name = "down"),
    @JsonSubTypes.Type(value = ControlRequest.Relays.class, name = "relays"),
})
public sealed interface ControlRequest {
    /** How the node and its peers are; answered by one {@link ControlReply.Status}. */
    record Status() implements ControlRequest {}

    /**
     * Disco pings to one peer, a second apart; answered by one {@link ControlReply.Pong} each, then the end.
     *
     * @param peer its name, one of its mesh addresses, or its node key
     * @param count how many, 1 to {@link #MOST}
     * @param untilDirect stop as soon as an answer came over a direct path
     */
    record Ping(String peer, int count, boolean untilDirect) implements ControlRequest {
        /** How many can be asked for at once. */
        public static final int MOST = 1000;
    }

    /** The relay map that the node works with; answered by one {@link ControlReply.Relays}. */
    record Relays() implements ControlRequest {}

    /** Stop the node; answered by {@link ControlReply.Done} when it has begun to. */
    record Down() implements ControlRequest {}
}
