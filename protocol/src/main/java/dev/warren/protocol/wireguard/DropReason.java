package dev.warren.protocol.wireguard;

/** Why a packet or a message went no further. Each is counted by {@link Device#drops}. */
public enum DropReason {
    /** Not one of the four messages, or of the wrong length. */
    MALFORMED,
    /** The first MAC of a handshake message is wrong: meant for another key, or garbage. */
    BAD_MAC,
    /** We are busy and the sender has yet to prove its address: a cookie went back. */
    COOKIE_REQUIRED,
    /** We are busy and this source sends too many handshake messages. */
    RATE_LIMITED,
    /** More handshake messages come than are worked on, and this one had no right to go first. */
    HANDSHAKE_QUEUE_FULL,
    /** No handshake or session has the index that the message names. */
    UNKNOWN_INDEX,
    /** The message could not be opened: forged, damaged, or under other keys. */
    NOT_AUTHENTIC,
    /** An initiation by a key that is no peer's. */
    UNKNOWN_PEER,
    /** An initiation that is not newer than the last one: replayed, or the sender's clock went back. */
    OLD_TIMESTAMP,
    /** A peer's initiations follow each other too closely. */
    INITIATION_FLOOD,
    /** A counter that was seen, or is too far behind. */
    REPLAYED,
    /** A data message under keys that are too old. */
    SESSION_EXPIRED,
    /** What came out of a data message is no IP packet of the stated length. */
    BAD_INNER_PACKET,
    /** The inner source address is not one of the peer's. */
    WRONG_SOURCE,
    /** From the TUN: not an IP packet. */
    NOT_IP,
    /** From the TUN: no peer has this destination. */
    NO_PEER,
    /** From the TUN: it is not known where the peer is. */
    NO_ENDPOINT,
    /** From the TUN: a message of this device's for the very peer that has its destination, so it would go round for ever. */
    ROUTING_LOOP,
    /** Staged for a session, and pushed out by newer packets. */
    STAGING_FULL,
    /** Staged for a session that never came. */
    HANDSHAKE_GIVEN_UP,
    /** A cookie reply that answers nothing, or can't be opened. */
    BAD_COOKIE_REPLY,
    /** The peer's key is of low order, so there is no handshake with it. */
    UNUSABLE_PEER_KEY,
    /** Staged for a peer that was removed, or for an interface that went down. */
    PEER_STOPPED,
    /** The interface is down. */
    INTERFACE_DOWN,
    /** A router marked the outer packet, and the inner one's sender would not understand the mark ({@link Ecn}). */
    CONGESTION_MARK
}
