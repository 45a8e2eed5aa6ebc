/** What the build makes of its jars. */
@NullMarked
package dev.warren.loadtest.dist;

import org.jspecify.annotations.NullMarked;
