package dev.warren.stun.brokenrule;

import dev.warren.relay.brokenrule.CuriousRelayUtil;

/** A STUN server that looks into another service. */
public final class NosyStun {
    /** Asks the relay. */
    public String ask() {
        return CuriousRelayUtil.NAME;
    }
}
