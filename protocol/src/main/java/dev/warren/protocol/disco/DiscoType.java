package dev.warren.protocol.disco;

import dev.warren.protocol.key.DiscoPublicKey;
import org.jspecify.annotations.Nullable;

/** The first byte of a disco message, with the length of what must follow type and version. */
enum DiscoType {
    /** TxId 12; node key 32, from all but very old senders; zero padding. */
    PING(1, TxId.LENGTH),
    /** TxId 12; observed address 16 (IPv4 mapped); port 2. */
    PONG(2, TxId.LENGTH + DiscoType.ENDPOINT_LENGTH),
    /** Any number of address 16, port 2. */
    CALL_ME_MAYBE(3, 0),
    /** VNI 4; generation 4; disco key of the other client 32; zeros 32. */
    BIND_REQUEST(4, DiscoType.BIND_LENGTH),
    /** The same with the challenge in place of the zeros. */
    BIND_CHALLENGE(5, DiscoType.BIND_LENGTH),
    /** The same with the challenge sent back. */
    BIND_ANSWER(6, DiscoType.BIND_LENGTH),
    /**
     * Server's disco key 32; clients' disco keys 2 x 32; Lamport id 8; VNI 4; bind and steady lifetime, ns, 8 each; then
     * one or more of address 16, port 2.
     */
    CALL_ME_MAYBE_VIA(7, DiscoType.SESSION_LENGTH + DiscoType.ENDPOINT_LENGTH),
    /** Clients' disco keys 2 x 32; generation 4. */
    ALLOCATE_REQUEST(8, 2 * DiscoPublicKey.LENGTH + Integer.BYTES),
    /** Generation 4; then as CALL_ME_MAYBE_VIA. */
    ALLOCATE_RESPONSE(9, Integer.BYTES + DiscoType.SESSION_LENGTH + DiscoType.ENDPOINT_LENGTH);

    /** An address of 16 bytes and a port of 2. */
    static final int ENDPOINT_LENGTH = 18;
    /** VNI, generation, key and challenge. */
    static final int BIND_LENGTH = 2 * Integer.BYTES + DiscoPublicKey.LENGTH + Challenge.LENGTH;
    /** A relay session without its addresses. */
    static final int SESSION_LENGTH = 3 * DiscoPublicKey.LENGTH + Integer.BYTES + 3 * Long.BYTES;

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
