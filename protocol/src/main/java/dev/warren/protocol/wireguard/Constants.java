package dev.warren.protocol.wireguard;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;

/** The numbers of the protocol, and our own. */
final class Constants {
    // Specification: WireGuard paper section 6.1. Never configurable, both ends count on them.

    /** Messages after which a session is renewed, unsigned. */
    static final long REKEY_AFTER_MESSAGES = 1L << 60;
    /** The first counter that is refused, unsigned: 2^64 - 1 - window - 1, so that the window can't wrap. */
    static final long REJECT_AFTER_MESSAGES = -1L - ReplayWindow.SIZE - 1;

    static final long REKEY_AFTER_TIME_NANOS = SECONDS.toNanos(120);
    static final long REJECT_AFTER_TIME_NANOS = SECONDS.toNanos(180);
    static final long REKEY_ATTEMPT_TIME_NANOS = SECONDS.toNanos(90);
    static final long REKEY_TIMEOUT_NANOS = SECONDS.toNanos(5);
    static final long KEEPALIVE_TIMEOUT_NANOS = SECONDS.toNanos(10);
    /** How long the responder's cookie secret lives (paper section 5.3). */
    static final long COOKIE_SECRET_NANOS = SECONDS.toNanos(120);
    /** Plaintext is padded with zeros to a multiple of this (paper section 5.4.6). */
    static final int PADDING_MULTIPLE = 16;

    // Implementation: as the kernel has them where it has them.

    /** Retries spread out by up to this, so that two ends don't collide again and again. */
    static final long REKEY_JITTER_NANOS = MILLISECONDS.toNanos(334);
    /** Retries before a handshake is given up: 90 s of one every 5 s. */
    static final int MAX_HANDSHAKE_ATTEMPTS = (int) (REKEY_ATTEMPT_TIME_NANOS / REKEY_TIMEOUT_NANOS);
    /** No data came back for this long after some was sent: the session is taken for dead. */
    static final long NEW_HANDSHAKE_NANOS = KEEPALIVE_TIMEOUT_NANOS + REKEY_TIMEOUT_NANOS;
    /** The receiver renews its session this late, if it is the initiator and sends nothing. */
    static final long REKEY_ON_RECEIVE_NANOS = REJECT_AFTER_TIME_NANOS - NEW_HANDSHAKE_NANOS;
    /** Unused keys are wiped after three lifetimes. */
    static final long WIPE_KEYS_NANOS = 3 * REJECT_AFTER_TIME_NANOS;
    /** A cookie is used a little shorter than its secret lives, for the time that it took to arrive. */
    static final long COOKIE_USE_NANOS = COOKIE_SECRET_NANOS - SECONDS.toNanos(5);
    /** A peer's initiations closer together than this are ignored. */
    static final long INITIATION_INTERVAL_NANOS = SECONDS.toNanos(1) / 50;

    // Our own.

    /** After a change of keys the next handshake follows the last this soon; longer than messages are on their way. */
    static final long KEY_CHANGE_INTERVAL_NANOS = MILLISECONDS.toNanos(500);

    /**
     * When the network has changed, a handshake that waits for its answer is begun anew, but not before this: the answer
     * to a younger one is on its way, and the other end would take two so close together for a flood.
     */
    static final long HASTEN_AFTER_NANOS = SECONDS.toNanos(1);

    private Constants() {}
}
