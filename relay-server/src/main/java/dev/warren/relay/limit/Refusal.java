package dev.warren.relay.limit;

/** Why a connection was ended by a limit; one metric label each. */
public enum Refusal {
    /** All clients together have as many connections as they may. */
    TOTAL_CONNECTIONS,
    /** All clients together connect too fast. */
    TOTAL_RATE,
    /** The address has as many connections as it may. */
    SOURCE_CONNECTIONS,
    /** The address connects too fast. */
    SOURCE_RATE,
    /** The key has as many connections as it may. */
    KEY_CONNECTIONS,
    /** The key logs in too fast. */
    KEY_RATE
}
