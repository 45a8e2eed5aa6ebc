/** Worlds of their own for programs under test: network, mounts and processes that end with this process. */
@NullMarked
package dev.warren.loadtest.sandbox;

import org.jspecify.annotations.NullMarked;
