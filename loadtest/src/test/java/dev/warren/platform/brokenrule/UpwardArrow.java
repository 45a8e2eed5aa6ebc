package dev.warren.platform.brokenrule;

import dev.warren.stun.brokenrule.NosyStun;

/** What every program stands on, leaning on one of the programs. */
public final class UpwardArrow {
    /** Asks the STUN server. */
    public String ask() {
        return new NosyStun().ask();
    }
}
