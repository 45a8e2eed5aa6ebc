/** Who may join and what a node gets: pure decisions over what the store holds. Time is a parameter. */
@NullMarked
package dev.warren.coordinator.registry;

import org.jspecify.annotations.NullMarked;
