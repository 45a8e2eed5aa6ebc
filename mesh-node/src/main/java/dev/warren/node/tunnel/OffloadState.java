package dev.warren.node.tunnel;

/** Whether an {@link Offload} is in use, and why not. */
public enum OffloadState {
    /** In use. */
    ON("on"),
    /** The user does not want it. */
    SWITCHED_OFF("switched off"),
    /** The kernel lacks it, or did it wrong in the probe at the start. */
    UNUSABLE("not usable with this kernel"),
    /** The kernel refused it while it was in use. */
    REFUSED("refused by the kernel");

    private final String text;

    OffloadState(String text) {
        this.text = text;
    }

    /** The words for users. */
    @Override
    public String toString() {
        return text;
    }
}
