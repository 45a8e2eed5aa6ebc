package dev.warren.protocol.coordination;

import com.fasterxml.jackson.annotation.JsonEnumDefaultValue;
import com.fasterxml.jackson.annotation.JsonProperty;

/** The way that a node's packets take to a peer. A kind that this version does not know reads as {@link #NONE}. */
public enum PathKind {
    /** UDP from node to node. */
    @JsonProperty("direct")
    DIRECT,
    /** Through a relay. */
    @JsonProperty("relay")
    RELAY,
    /** None: nothing was sent, or the peer cannot be reached. */
    @JsonEnumDefaultValue
    @JsonProperty("none")
    NONE
}
