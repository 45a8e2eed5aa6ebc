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
public final class QuietNetworks {
    /** In each of the tables for wide networks, of which a flood from a limited part of the Internet has few. */
    public static final int WIDE_PLACES = 2800;
    /**
     * These help those whose wide network a flood comes from too. A flood from more than a few of the wide has all of
     * these, and each is a key agreement in five seconds: so there are not many.
     */
    public static final int NARROW_PLACES = 256;
    /** As long as a peer waits before it tries again. */
    public static final long REST_NANOS = Constants.REKEY_TIMEOUT_NANOS;

    private static final int WIDE_TABLES = 3;
    /** At 0.06 ms for a message of nobody's, all together take half a second. */
    static final int PLACES = WIDE_TABLES * WIDE_PLACES + NARROW_PLACES;

    private static final int IPV4_LENGTH = 4;
    // The bits that are left out at the end of the number that KnownSources.number gives.
    private static final int WIDE_IPV4_SHIFT = 16;
    private static final int WIDE_IPV6_SHIFT = 32;
    private static final int NARROW_SHIFT = 8;
    private static final long GOLDEN_RATIO = 0x9E3779B97F4A7C15L;

    /** One of each table; that of narrow networks is the last. */
    private final long[] secrets = new long[WIDE_TABLES + 1];

    private final long[] lastNanos = new long[PLACES];

    QuietNetworks(RandomGenerator random) {
        Arrays.setAll(secrets, _ -> random.nextLong());
        Arrays.fill(lastNanos, Long.MIN_VALUE / 2);
    }

    /** Whether a message from there would be the first of its network. */
    boolean isQuiet(Origin origin, long nowNanos) {
        return quietPlace(origin, nowNanos) >= 0;
    }

    /** The network is quiet no more; only after {@link #isQuiet}. */
    void heard(Origin origin, long nowNanos) {
        int place = quietPlace(origin, nowNanos);
        if (place >= 0) {
            lastNanos[place] = nowNanos;
        }
    }

    /** The first of its places in which there was nobody; -1 for none. */
    private int quietPlace(Origin origin, long nowNanos) {
        InetAddress address = address(origin);
        if (address == null) {
            return -1;
        }
        long number = KnownSources.number(address);
        int wideShift = address.getAddress().length == IPV4_LENGTH ? WIDE_IPV4_SHIFT : WIDE_IPV6_SHIFT;
        for (int table = 0; table <= WIDE_TABLES; table++) {
            int place = place(number >>> (table < WIDE_TABLES ? wideShift : NARROW_SHIFT), table);
            if (nowNanos - lastNanos[place] >= REST_NANOS) {
                return place;
            }
        }
        return -1;
    }

    private int place(long network, int table) {
        long mixed = (network ^ secrets[table]) * GOLDEN_RATIO;
        mixed = (mixed ^ mixed >>> Integer.SIZE) * GOLDEN_RATIO;
        int places = table < WIDE_TABLES ? WIDE_PLACES : NARROW_PLACES;
        return table * WIDE_PLACES + (int) Long.remainderUnsigned(mixed, places);
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
