package dev.warren.stun;

import java.time.Duration;

/**
 * What connections may take of a server.
 *
 * @param connections at most this many at once
 * @param perSource at most this many at once from one IPv4 address or IPv6 /64
 * @param idle a connection ends when for this long no whole message has come, whatever trickles in
 * @param bytes a connection ends when it has brought this many
 */
public record StunStreamLimits(int connections, int perSource, Duration idle, int bytes) {
    /**
     * 1024 connections cost some 20 MB, most of it TLS. 40 s is what a client waits for an answer (RFC 8489 section
     * 6.2.2, Ti = 39.5 s); 64 KiB are a thousand requests.
     */
    public static final StunStreamLimits DEFAULT = new StunStreamLimits(1024, 16, Duration.ofSeconds(40), 64 << 10);

    /** Throws IllegalArgumentException for what is not positive. */
    public StunStreamLimits {
        if (connections <= 0 || perSource <= 0 || bytes <= 0 || idle.isNegative() || idle.isZero()) {
            throw new IllegalArgumentException("limits of zero let nobody in");
        }
    }
}
