/** Does what package {@code netcheck} wants done: sockets, names, the clock. */
@NullMarked
package dev.warren.node.probe;

import org.jspecify.annotations.NullMarked;
