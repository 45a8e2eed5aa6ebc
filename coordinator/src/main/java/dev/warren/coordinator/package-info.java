/** Coordinator. */
@NullMarked
package dev.warren.coordinator;

import org.jspecify.annotations.NullMarked;
