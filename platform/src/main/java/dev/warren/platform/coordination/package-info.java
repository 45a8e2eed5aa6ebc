/** How a program speaks to a coordinator: signed requests over pinned TLS, and the pauses between its attempts. */
@NullMarked
package dev.warren.platform.coordination;

import org.jspecify.annotations.NullMarked;
