/** Tests of {@code warren bench}, and of what it measures: every benchmark runs, and packets cost no garbage. */
@NullMarked
package dev.warren.loadtest.bench;

import org.jspecify.annotations.NullMarked;
