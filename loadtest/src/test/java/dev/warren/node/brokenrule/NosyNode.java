package dev.warren.node.brokenrule;

import dev.warren.coordinator.brokenrule.NosyCoordinator;

/** An agent that looks into a service. */
public final class NosyNode {
    /** Asks the coordinator. */
    public String ask() {
        return new NosyCoordinator().ask();
    }
}
