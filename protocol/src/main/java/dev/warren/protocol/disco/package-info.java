/**
 * Disco: the small sealed messages by which two nodes find a direct path or meet at a UDP relay (reference:
 * nat-traversal.md sections 1.1 to 1.3, derp.md section 9). Byte-exact with Tailscale's types 1 to 9. Pure functions on
 * bytes.
 */
@NullMarked
package dev.warren.protocol.disco;

import org.jspecify.annotations.NullMarked;
