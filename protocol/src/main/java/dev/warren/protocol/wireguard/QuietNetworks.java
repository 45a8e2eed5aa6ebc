package dev.warren.protocol.wireguard;

import java.net.InetAddress;
import java.util.Arrays;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Tells networks of which no stranger's handshake was worked on lately from those of which one was. A flood has false
 * addresses of many hosts, but seldom of all networks there are: a new peer from elsewhere does not have to stand in line
 * with it, nor fetch a cookie, which would cost it five seconds.
 *
 * <p>Networks are hashed into places, by a secret number so that nobody can aim at a place, at two widths: /16 and /24,
 * of IPv6 /32 and /56. So it grants {@value #PLACES} handshakes in five seconds at most, whatever comes.
 */
final class QuietNetworks {
    /**
     * Four fifths of them for the wider networks, of which a flood from a limited part of the Internet has few. At 0.06 ms
     * for a message of nobody's, all together take 0.6 s.
     */
    static final int PLACES = 5 * 2048;
    /** As long as a peer waits before it tries again. */
    static final long REST_NANOS = Constants.REKEY_TIMEOUT_NANOS;

    private static final int IPV4_LENGTH = 4;
    /** The bits that are left out at the end of the number that {@link KnownSources#number} gives. */
    private static final int[] IPV4_SHIFTS = {16, 8};

    private static final int[] IPV6_SHIFTS = {32, 8};
    private static final long GOLDEN_RATIO = 0x9E3779B97F4A7C15L;

    private final long secret;
    private final long[][] lastNanos = {new long[PLACES / 5 * 4], new long[PLACES / 5]};

    QuietNetworks(RandomGenerator random) {
        secret = random.nextLong();
        for (long[] width : lastNanos) {
            Arrays.fill(width, Long.MIN_VALUE / 2);
        }
    }

    /** Whether a message from there would be the first of its network. */
    boolean isQuiet(Origin origin, long nowNanos) {
        return width(origin, nowNanos) >= 0;
    }

    /** The network is quiet no more; only after {@link #isQuiet}. */
    void heard(Origin origin, long nowNanos) {
        InetAddress address = address(origin);
        int width = width(origin, nowNanos);
        if (address != null && width >= 0) {
            lastNanos[width][place(address, width)] = nowNanos;
        }
    }

    /** The width at which there was nobody else, the wider first; -1 for none. */
    private int width(Origin origin, long nowNanos) {
        InetAddress address = address(origin);
        for (int width = 0; address != null && width < lastNanos.length; width++) {
            if (nowNanos - lastNanos[width][place(address, width)] >= REST_NANOS) {
                return width;
            }
        }
        return -1;
    }

    private int place(InetAddress address, int width) {
        boolean isIpv4 = address.getAddress().length == IPV4_LENGTH;
        long network = KnownSources.number(address) >>> (isIpv4 ? IPV4_SHIFTS[width] : IPV6_SHIFTS[width]);
        long mixed = (network ^ secret) * GOLDEN_RATIO;
        mixed = (mixed ^ mixed >>> Integer.SIZE) * GOLDEN_RATIO;
        return (int) Long.remainderUnsigned(mixed, lastNanos[width].length);
    }

    /** Clients of a relay are no network. */
    private static @Nullable InetAddress address(Origin origin) {
        return switch (origin) {
            case Origin.Direct direct -> direct.address().getAddress();
            case Origin.ThroughUdpRelay through -> through.path().server().getAddress();
            case Origin.Relayed _ -> null;
        };
    }
}
