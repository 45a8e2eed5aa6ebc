/** Mesh agent. */
@NullMarked
package dev.warren.node;

import org.jspecify.annotations.NullMarked;
