package dev.warren.protocol.simulation;

import java.time.Duration;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The wire between a host or NAT and its segment; the same in both directions. Everything can be changed while traffic
 * flows. Datagrams keep their order unless {@link #reorder} says otherwise, whatever the jitter.
 */
public final class Link {
    private static final int ETHERNET_MTU = 1500;

    private final RandomGenerator random;
    private long delayNanos;
    private long jitterNanos;
    private double loss;
    private double reordered;
    private long reorderNanos;
    private int mtuBytes = ETHERNET_MTU;
    private boolean cut;
    private boolean udpBlocked;
    /** The latest arrival so far, by direction. */
    private final long[] lastArrivalNanos = {0, 0};

    Link(RandomGenerator random) {
        this.random = random;
    }

    /** Every datagram takes this long, plus the jitter. */
    public Link delay(Duration delay) {
        delayNanos = delay.toNanos();
        return this;
    }

    /** A random time from zero to this on top of the delay. */
    public Link jitter(Duration jitter) {
        jitterNanos = jitter.toNanos();
        return this;
    }

    /** This share of the datagrams (0 to 1) gets lost. */
    public Link loss(double share) {
        loss = share;
        return this;
    }

    /** This share of the datagrams comes {@code late} and is overtaken. */
    public Link reorder(double share, Duration late) {
        reordered = share;
        reorderNanos = late.toNanos();
        return this;
    }

    /** The largest packet with its IP header. */
    public Link mtu(int bytes) {
        mtuBytes = bytes;
        return this;
    }

    /** Whether UDP is thrown away. */
    public Link blockUdp(boolean blocked) {
        udpBlocked = blocked;
        return this;
    }

    /** Nothing passes from now on; what is under way still arrives. */
    public void cut() {
        cut = true;
    }

    /** Ends {@link #cut}. */
    public void heal() {
        cut = false;
    }

    /** Why the datagram does not pass; null when it does. */
    @Nullable
    Fate refusal(Datagram datagram) {
        if (cut) {
            return Fate.CUT;
        }
        if (udpBlocked) {
            return Fate.UDP_BLOCKED;
        }
        if (datagram.packetBytes() > mtuBytes) {
            return Fate.TOO_BIG;
        }
        return loss > 0 && random.nextDouble() < loss ? Fate.LOST : null;
    }

    /** How long a datagram that enters now is under way; {@code direction} is 0 or 1. */
    long transitNanos(int direction, long nowNanos) {
        long arrival = nowNanos + delayNanos + (jitterNanos > 0 ? random.nextLong(jitterNanos + 1) : 0);
        if (reordered > 0 && random.nextDouble() < reordered) {
            return arrival + reorderNanos - nowNanos;
        }
        arrival = Math.max(arrival, lastArrivalNanos[direction]);
        lastArrivalNanos[direction] = arrival;
        return arrival - nowNanos;
    }
}
