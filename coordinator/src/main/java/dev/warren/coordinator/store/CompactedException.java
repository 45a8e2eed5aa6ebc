package dev.warren.coordinator.store;

/** The store no longer has the changes that were asked for: read what is there now, and go on from that revision. */
public final class CompactedException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /** With the revision asked for and the oldest one that is left. */
    public CompactedException(long asked, long oldest) {
        super("revision " + asked + " is gone; the oldest one left is " + oldest);
    }
}
