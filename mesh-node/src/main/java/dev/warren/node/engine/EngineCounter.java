package dev.warren.node.engine;

/** What the engine counts beside WireGuard's own {@link dev.warren.protocol.wireguard.DropReason}s. */
public enum EngineCounter {
    /** WireGuard messages sent over UDP. */
    SENT_DIRECT,
    /** WireGuard messages sent through a UDP relay. */
    SENT_UDP_RELAY,
    /** WireGuard messages sent through a relay. */
    SENT_RELAY,
    /** WireGuard messages received over UDP. */
    RECEIVED_DIRECT,
    /** WireGuard messages received through a UDP relay. */
    RECEIVED_UDP_RELAY,
    /** WireGuard messages received through a relay. */
    RECEIVED_RELAY,
    /** Dropped: a message for a peer that has neither an address nor a relay. */
    DROPPED_NO_PATH,
    /** Dropped: a datagram that is neither WireGuard, disco nor an awaited STUN answer. */
    DROPPED_UNKNOWN_DATAGRAM,
    /** Dropped: disco from a key that is no peer's. */
    DROPPED_UNKNOWN_DISCO,
    /** Dropped: disco that does not open or makes no sense. */
    DROPPED_BAD_DISCO,
    /** Dropped: a call-me-maybe that did not come over a relay from the peer itself. */
    DROPPED_STRAY_CALL,
    /** Left out: a peer of the coordinator's, as the device has as many as it takes. */
    DROPPED_PEER_WITHOUT_ROOM,
    /** Look-ups of host names that were begun. */
    NAME_LOOKUPS,
    /** Look-ups of host names that found no address. */
    NAME_LOOKUPS_FAILED
}
