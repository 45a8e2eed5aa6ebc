/**
 * DERP v2, Tailscale's relay protocol, without sockets, threads or clock: frames, login, HTTP upgrade, both sessions,
 * and the map that tells clients where relays are.
 *
 * <p>Wherever a comment names a section, it is one of "DERP v2" as Tailscale's {@code derp} and {@code derphttp}
 * packages define it; the relay map is {@code tailcfg.DERPMap}.
 */
@NullMarked
package dev.warren.protocol.derp;

import org.jspecify.annotations.NullMarked;
