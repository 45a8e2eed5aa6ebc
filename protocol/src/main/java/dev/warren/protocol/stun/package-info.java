/**
 * STUN (RFC 8489): messages, a binding responder and a binding client, as functions of bytes and time. Also answers the
 * classic form of RFC 3489 and Tailscale's 40-byte requests (reference: derp.md section 3).
 */
@NullMarked
package dev.warren.protocol.stun;

import org.jspecify.annotations.NullMarked;
