package dev.warren.relay.http;

import dev.warren.protocol.derp.HttpHead;

/** What one HTTP port shows to requests that are no upgrade. May be called by several threads. */
public sealed interface Site permits RelaySite, PlainSite {
    /** Whether DERP is spoken on the port. */
    boolean isRelay();

    /** The answer to a request. */
    Answer answer(HttpHead request, Target target);
}
