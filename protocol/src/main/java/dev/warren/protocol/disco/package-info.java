/**
 * Disco: the small sealed messages by which two nodes find a direct path (reference: nat-traversal.md sections 1.1 to
 * 1.3). Byte-exact with Tailscale's types 1 to 3. Pure functions on bytes.
 */
@NullMarked
package dev.warren.protocol.disco;

import org.jspecify.annotations.NullMarked;
