/** What everybody reads: one immutable snapshot, and the changes that led to it. */
@NullMarked
package dev.warren.coordinator.topology;

import org.jspecify.annotations.NullMarked;
