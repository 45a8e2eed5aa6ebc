/**
 * {@code warren loadtest compare}: two programs under the same load in turn, and the ratio of their figures pair by
 * pair, or the reason why there is none.
 */
@NullMarked
package dev.warren.loadtest.compare;

import org.jspecify.annotations.NullMarked;
