/** STUN server. */
@NullMarked
package dev.warren.stun;

import org.jspecify.annotations.NullMarked;
