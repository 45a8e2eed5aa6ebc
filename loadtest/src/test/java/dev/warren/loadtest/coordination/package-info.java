/** A real coordinator and the real client of the nodes, over loopback. */
@NullMarked
package dev.warren.loadtest.coordination;

import org.jspecify.annotations.NullMarked;
