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
 * <p>Networks are hashed into places, by secret numbers so that nobody can aim at a place: a wide one (/16, of IPv6 /32)
 * into three, any of which lets it in, and a narrow one (/24, of IPv6 /56) into one. A flood from 256 wide networks so
 * has all places of another in one of 1,000 cases, where it would have its only one in 30. It grants {@value #PLACES}
 * handshakes in five seconds at most, whatever comes.
 */
final class QuietNetworks {
    private static final int WIDE_PLACES = 2800;
    /**
     * These help those whose wide network a flood comes from too. A flood from more than a few of the wide has all of
     * these, and each is a key agreement in five seconds: so there are not many.
     */
    private static final int NARROW_PLACES = 256;
    /** At 0.06 ms for a message of nobody's, all together take half a second. */
    static final int PLACES = 3 * WIDE_PLACES + NARROW_PLACES;
    /** As long as a peer waits before it tries again. */
    static final long REST_NANOS = Constants.REKEY_TIMEOUT_NANOS;

    private static final int IPV4_LENGTH = 4;
    /** The bits that are left out at the end of the number that {@link KnownSources#number} gives. */
    private static final int[] IPV4_SHIFTS = {16, 16, 16, 8};

    private static final int[] IPV6_SHIFTS = {32, 32, 32, 8};
    private static final long GOLDEN_RATIO = 0x9E3779B97F4A7C15L;

    private final long[] secrets = new long[IPV4_SHIFTS.length];
    private final long[][] lastNanos = {
        new long[WIDE_PLACES], new long[WIDE_PLACES], new long[WIDE_PLACES], new long[NARROW_PLACES]
    };

    QuietNetworks(RandomGenerator random) {
        for (int i = 0; i < lastNanos.length; i++) {
            secrets[i] = random.nextLong();
            Arrays.fill(lastNanos[i], Long.MIN_VALUE / 2);
        }
    }

    /** Whether a message from there would be the first of its network. */
    boolean isQuiet(Origin origin, long nowNanos) {
        return table(origin, nowNanos) >= 0;
    }

    /** The network is quiet no more; only after {@link #isQuiet}. */
    void heard(Origin origin, long nowNanos) {
        InetAddress address = address(origin);
        int table = table(origin, nowNanos);
        if (address != null && table >= 0) {
            lastNanos[table][place(address, table)] = nowNanos;
        }
    }

    /** The first table in whose place there was nobody; -1 for none. */
    private int table(Origin origin, long nowNanos) {
        InetAddress address = address(origin);
        for (int table = 0; address != null && table < lastNanos.length; table++) {
            if (nowNanos - lastNanos[table][place(address, table)] >= REST_NANOS) {
                return table;
            }
        }
        return -1;
    }

    private int place(InetAddress address, int table) {
        boolean isIpv4 = address.getAddress().length == IPV4_LENGTH;
        long network = KnownSources.number(address) >>> (isIpv4 ? IPV4_SHIFTS[table] : IPV6_SHIFTS[table]);
        long mixed = (network ^ secrets[table]) * GOLDEN_RATIO;
        mixed = (mixed ^ mixed >>> Integer.SIZE) * GOLDEN_RATIO;
        return (int) Long.remainderUnsigned(mixed, lastNanos[table].length);
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
