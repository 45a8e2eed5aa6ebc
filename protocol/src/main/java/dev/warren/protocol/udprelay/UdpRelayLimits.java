package dev.warren.protocol.udprelay;

/**
 * How much a UDP relay does for its clients.
 *
 * @param sessions at once, 1 to {@link #MOST_SESSIONS}
 * @param sessionsPerClient of these, what one client (by its node key) may have asked for
 * @param legsPerAddress of these, how many ends may be bound to ports of one IP address
 * @param bytesPerSecond of each session, both ways together, up to 10^9; 0 for no limit
 */
public record UdpRelayLimits(int sessions, int sessionsPerClient, int legsPerAddress, long bytesPerSecond) {
    /** So that at most half of the VNIs' table is in use. */
    public static final int MOST_SESSIONS = 1 << 20;

    private static final long MOST_BYTES = 1_000_000_000L;

    /** A session costs about 1 kB; 256 is a mesh of 256 nodes that all need a relay. */
    public static final UdpRelayLimits DEFAULT = new UdpRelayLimits(16_384, 256, 4_096, 0);

    /** Throws IllegalArgumentException for what is out of range. */
    public UdpRelayLimits {
        if (sessions < 1 || sessions > MOST_SESSIONS || sessionsPerClient < 1 || legsPerAddress < 1) {
            throw new IllegalArgumentException("sessions must be 1 to " + MOST_SESSIONS + ", and the others positive");
        }
        if (bytesPerSecond < 0 || bytesPerSecond > MOST_BYTES) {
            throw new IllegalArgumentException("bytes a second must be 0 to " + MOST_BYTES);
        }
    }
}
