package dev.warren.node.engine;

/**
 * What has become of the machine's network.
 *
 * @param isAdded there is something new: an address, a default route, a link that is up
 * @param isLost something that was there is gone or has become another: what was sent or proven over it may not hold
 * @param sleptNanos for how long the machine stood still; 0 when it did not
 */
public record NetworkChange(boolean isAdded, boolean isLost, long sleptNanos) {
    /** Nothing has changed. */
    public static final NetworkChange NONE = new NetworkChange(false, false, 0);

    /** There is something new, and all that was there is there still. */
    public static final NetworkChange ADDED = new NetworkChange(true, false, 0);

    /** Something is another, or gone. */
    public static final NetworkChange LOST = new NetworkChange(false, true, 0);

    /** What was there has become another. */
    public static final NetworkChange REPLACED = new NetworkChange(true, true, 0);

    /** The machine slept so long; its network may be another since. */
    public static NetworkChange slept(long nanos) {
        return new NetworkChange(false, true, nanos);
    }

    /** Whether nothing has changed. */
    public boolean isNone() {
        return !isAdded && !isLost;
    }

    /** Both together. */
    public NetworkChange and(NetworkChange other) {
        return new NetworkChange(isAdded || other.isAdded, isLost || other.isLost, sleptNanos + other.sleptNanos);
    }
}
