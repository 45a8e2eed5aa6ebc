/** What the build does to the jars that it ships. */
@NullMarked
package dev.warren.loadtest.dist;

import org.jspecify.annotations.NullMarked;
