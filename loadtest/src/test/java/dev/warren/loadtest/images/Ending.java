package dev.warren.loadtest.images;

/** How our programs end, as docs/packaging.md says. */
final class Ending {
    /** Told to by SIGTERM. Killed after its grace it would be 137. */
    static final long BY_SIGTERM = 143;

    /** The command line makes no sense. */
    static final long USAGE = 2;

    private Ending() {}
}
