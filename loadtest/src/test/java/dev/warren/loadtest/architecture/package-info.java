/**
 * The architecture as rules with reasons: module arrows, purity, names. `Rules` has them, `ArchitectureTest` checks.
 */
@NullMarked
package dev.warren.loadtest.architecture;

import org.jspecify.annotations.NullMarked;
