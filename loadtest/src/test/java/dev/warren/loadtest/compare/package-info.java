@NullMarked
package dev.warren.loadtest.compare;

import org.jspecify.annotations.NullMarked;
