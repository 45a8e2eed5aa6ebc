package dev.warren.loadtest.wireguard;

import dev.warren.loadtest.tunnel.Implementation;
import dev.warren.protocol.testing.Requirements;
import java.util.List;
import java.util.Map;

/** Who runs the two ends of a tunnel. */
enum Pairing {
    OURS_AND_OURS(true, true),
    OURS_AND_WIREGUARD_GO(true, false),
    WIREGUARD_GO_AND_OURS(false, true);

    private final boolean firstIsOurs;
    private final boolean secondIsOurs;

    Pairing(boolean firstIsOurs, boolean secondIsOurs) {
        this.firstIsOurs = firstIsOurs;
        this.secondIsOurs = secondIsOurs;
    }

    /** Whether the end that most rules are checked at is ours. */
    boolean firstIsOurs() {
        return firstIsOurs;
    }

    /** Whether the other end is ours. */
    boolean secondIsOurs() {
        return secondIsOurs;
    }

    /** The program of the first end. */
    Implementation first() {
        return of(firstIsOurs);
    }

    /** The program of the second end. */
    Implementation second() {
        return of(secondIsOurs);
    }

    private static Implementation of(boolean ours) {
        return ours
                ? Implementation.parse("warren", Map.of())
                : new Implementation(
                        "wireguard-go", List.of(Requirements.peer("wireguard").toString()));
    }
}
