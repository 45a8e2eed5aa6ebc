package dev.warren.protocol.udprelay;

/** What a UDP relay did with a datagram. */
public enum Disposition {
    /** Data for the other client: to be sent as it is to {@link UdpRelayServer#destination}. */
    FORWARDED,
    /** Control: to be handed to {@link UdpRelayServer#control}. */
    CONTROL,
    /** A bind was asked for: {@link UdpRelayServer#answer} is to be sent to where it came from. */
    CHALLENGED,
    /** A challenge was answered; the client's end is bound to where it came from. */
    BOUND,
    /** Dropped: no Geneve header of ours. */
    NOT_OURS,
    /** Dropped: a number that is not, or no more, a session's. */
    UNKNOWN_SESSION,
    /** Dropped: data from an address that is not bound to the session. */
    UNKNOWN_SOURCE,
    /** Dropped: the other client has not bound its end. */
    PEER_NOT_BOUND,
    /** Dropped: the session is over its bandwidth. */
    OVER_BANDWIDTH,
    /** Dropped: control that is not sealed by a client of the session, or not for it. */
    BAD_CONTROL,
    /** Dropped: an answer to no challenge of ours, or one that is too old, or from elsewhere. */
    BAD_ANSWER,
    /** Dropped: too many binds asked for in a short time. */
    TOO_MANY_BINDS,
    /** Dropped: too many ends are bound to this IP address. */
    TOO_MANY_ADDRESSES
}
