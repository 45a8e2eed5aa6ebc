/** DERP relay. */
@NullMarked
package dev.warren.relay;

import org.jspecify.annotations.NullMarked;
