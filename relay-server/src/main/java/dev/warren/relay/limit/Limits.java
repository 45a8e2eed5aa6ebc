package dev.warren.relay.limit;

import dev.warren.protocol.derp.ClientInfo;
import dev.warren.protocol.derp.Frame;
import dev.warren.protocol.derp.ServerInfo;
import dev.warren.protocol.key.NodePublicKey;

/**
 * The limits in force; replaced as a whole.
 *
 * @param client how fast one client may send
 * @param total on the connections of all clients together
 * @param source on those of one IPv4 address or one IPv6 /64
 * @param key on those that are logged in with one key
 * @param logins how many connections may be on their way to a login at once, 0 for any number; the oldest makes room
 */
public record Limits(Rate client, Bound total, Bound source, Bound key, int logins) {
    /** No limit on anything. */
    public static final Limits NONE = new Limits(Rate.NONE);

    /** A limit on a client's rate only. */
    public Limits(Rate client) {
        this(client, Bound.NONE, Bound.NONE, Bound.NONE, 0);
    }

    /** Checks the last; the others have checked themselves. */
    public Limits {
        if (logins < 0) {
            throw new IllegalArgumentException("a number of logins cannot be negative");
        }
    }

    /**
     * How many connections there may be.
     *
     * @param connections at once; 0 = any number
     * @param perSecond new ones in a second, and as many at once; 0 = any number
     */
    public record Bound(int connections, int perSecond) {
        /** Any number. */
        public static final Bound NONE = new Bound(0, 0);

        /** Refuses negative figures. */
        public Bound {
            if (connections < 0 || perSecond < 0) {
                throw new IllegalArgumentException("a number of connections cannot be negative");
            }
        }
    }

    /**
     * How fast one client may send.
     *
     * @param bytesPerSecond of whole frames, headers included; 0 = no limit
     * @param burstBytes how much of that at once
     */
    public record Rate(long bytesPerSecond, long burstBytes) {
        /** The largest packet with its key, as in derper: the least burst, and the most that one frame is charged. */
        public static final int MAX_CHARGE = Frame.MAX_PACKET + NodePublicKey.LENGTH;

        /** No limit. */
        public static final Rate NONE = new Rate(0, 0);

        /** A burst that could never pay for the largest packet is raised so that it can. */
        public Rate {
            if (bytesPerSecond < 0 || burstBytes < 0) {
                throw new IllegalArgumentException("a rate cannot be negative");
            }
            burstBytes = bytesPerSecond == 0 ? 0 : Math.max(burstBytes, MAX_CHARGE);
        }

        /** Whether it limits at all. */
        public boolean isLimited() {
            return bytesPerSecond > 0;
        }

        /** What a client is told, so that it slows down by itself. */
        public ServerInfo hint() {
            return new ServerInfo(ClientInfo.VERSION, clamp(bytesPerSecond), clamp(burstBytes));
        }

        private static int clamp(long bytes) {
            return (int) Math.min(bytes, Integer.MAX_VALUE);
        }
    }
}
