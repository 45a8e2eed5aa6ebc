/**
 * {@code warren loadtest stun}: drives a STUN server with binding requests from many ports, in batches, checks every
 * answer in place and measures without making garbage. One thread does it all, so it fits on one core.
 */
@NullMarked
package dev.warren.loadtest.stun;

import org.jspecify.annotations.NullMarked;
