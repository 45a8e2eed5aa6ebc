package dev.warren.node.control;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.databind.JsonNode;
import dev.warren.protocol.derp.DerpMap;
import dev.warren.protocol.derp.DerpMapCodec;
import org.jspecify.annotations.Nullable;

/** What a running node answers over its local socket: one JSON line each. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "reply")
@JsonSubTypes({
    @JsonSubTypes.Type(value = ControlReply.Status.class, name = "status"),
    @JsonSubTypes.Type(value = ControlReply.Pong.class, name = "pong"),
    @JsonSubTypes.Type(value = ControlReply.Lost.class, name = "lost"),
    @JsonSubTypes.Type(value = ControlReply.Relays.class, name = "relays"),
    @JsonSubTypes.Type(value = ControlReply.Done.class, name = "done"),
    @JsonSubTypes.Type(value = ControlReply.Failed.class, name = "failed"),
})
public sealed interface ControlReply {
    /**
     * The answer to {@link ControlRequest.Status}.
     *
     * @param status how the node and its peers are
     */
    record Status(NodeStatus status) implements ControlReply {}

    /**
     * One ping was answered.
     *
     * @param peer the peer's name
     * @param peerAddress its first address in the mesh
     * @param address where the direct path that answered leads, as {@code ip:port}; null for a relay
     * @param relayRegion the region through which the answer came; 0 for UDP
     * @param latencyMillis round trip
     * @param udpRelay the UDP relay through which the answer came, as {@code ip:port vni N}; null for another path
     */
    record Pong(
            String peer,
            String peerAddress,
            @Nullable String address,
            int relayRegion,
            double latencyMillis,
            @Nullable String udpRelay)
            implements ControlReply {}

    /**
     * One ping was not answered in time.
     *
     * @param peer the peer's name
     * @param waitedMillis how long the answer was waited for
     */
    record Lost(String peer, long waitedMillis) implements ControlReply {}

    /**
     * The answer to {@link ControlRequest.Relays}.
     *
     * @param home the region where peers find the node, 0 when there is none
     * @param map in DERPMap JSON ({@link dev.warren.protocol.derp.DerpMapCodec})
     */
    record Relays(int home, JsonNode map) implements ControlReply {
        /** The reply for {@code map}. */
        public static Relays of(int home, DerpMap map) {
            return new Relays(home, DerpMapCodec.toTree(map));
        }

        /** The map as an object; throws {@link dev.warren.protocol.derp.DerpMapFormatException}. */
        public DerpMap relays() {
            return DerpMapCodec.ofTree(map);
        }
    }

    /** The request has been carried out; nothing follows. */
    record Done() implements ControlReply {}

    /**
     * The request was refused; nothing follows.
     *
     * @param reason one sentence for the user
     */
    record Failed(String reason) implements ControlReply {}
}
