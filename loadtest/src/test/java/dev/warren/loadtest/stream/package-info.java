@NullMarked
package dev.warren.loadtest.stream;

import org.jspecify.annotations.NullMarked;
