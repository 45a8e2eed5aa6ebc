/** Load generator, whole-mesh tests, demo. */
@NullMarked
package dev.warren.loadtest;

import org.jspecify.annotations.NullMarked;
