/**
 * Links from this relay to the other relays of its region: each asks the other relay who its clients are, and carries
 * packets to them. What others ask of this relay is in {@link dev.warren.relay.client}.
 *
 * <p>A link has a queue of its own, from which its event loop writes; whoever forwards a packet only puts it there, so
 * a link that stands still holds up nobody.
 */
@NullMarked
package dev.warren.relay.mesh;

import org.jspecify.annotations.NullMarked;
