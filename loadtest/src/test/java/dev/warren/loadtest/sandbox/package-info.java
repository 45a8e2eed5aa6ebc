@NullMarked
package dev.warren.loadtest.sandbox;

import org.jspecify.annotations.NullMarked;
