package dev.warren.protocol.udprelay;

/** What became of a request for a session. */
public enum Allocation {
    /** A new session; {@link UdpRelayServer#answer} is for the client that asked. */
    CREATED,
    /** The two have one already, and its lifetime goes on as it was; answered the same. */
    REPEATED,
    /** Refused: nothing that opens to a request, or not by one of the two clients. */
    BAD_REQUEST,
    /** Refused: the client asks too often. */
    TOO_OFTEN,
    /** Refused: the client has as many sessions as one may. */
    CLIENT_FULL,
    /** Refused: the relay has as many sessions as it may. */
    RELAY_FULL;

    /** Whether the client gets an answer. A refusal is silent, as that of other relays. */
    public boolean isAnswered() {
        return this == CREATED || this == REPEATED;
    }
}
