package dev.warren.coordinator.brokenrule;

import dev.warren.stun.brokenrule.NosyStun;

/** A coordinator that looks into another service. */
public final class NosyCoordinator {
    /** Asks the STUN server. */
    public String ask() {
        return new NosyStun().ask();
    }
}
