package dev.warren.loadtest.stun;

/** What can be wrong with an answer. */
enum Wrong {
    NOT_STUN("not STUN"),
    UNKNOWN_ID("a transaction id that was never sent"),
    REFUSED("an error response"),
    OTHER_TYPE("a STUN message of another type"),
    BROKEN("attributes that don't fit together"),
    NO_ADDRESS("no XOR-MAPPED-ADDRESS"),
    WRONG_ADDRESS("another address than the socket's own"),
    FINGERPRINT("a FINGERPRINT that doesn't match");

    private final String text;

    Wrong(String text) {
        this.text = text;
    }

    /** What such an answer has, or is. */
    String text() {
        return text;
    }
}
