package dev.warren.protocol.disco;

import org.jspecify.annotations.Nullable;

/** The first byte of a disco message, with the length of what must follow type and version. */
enum DiscoType {
    /** TxId 12; node key 32, from all but very old senders; zero padding. */
    PING(1, TxId.LENGTH),
    /** TxId 12; observed address 16 (IPv4 mapped); port 2. */
    PONG(2, TxId.LENGTH + DiscoType.ENDPOINT_LENGTH),
    /** Any number of address 16, port 2. */
    CALL_ME_MAYBE(3, 0);

    /** An address of 16 bytes and a port of 2. */
    static final int ENDPOINT_LENGTH = 18;

    final int code;
    final int minLength;

    DiscoType(int code, int minLength) {
        this.code = code;
        this.minLength = minLength;
    }

    /** The type with this code; null for one that is not known here. */
    static @Nullable DiscoType of(int code) {
        for (DiscoType type : values()) {
            if (type.code == code) {
                return type;
            }
        }
        return null;
    }
}
