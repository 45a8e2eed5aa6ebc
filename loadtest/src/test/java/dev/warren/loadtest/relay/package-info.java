@NullMarked
package dev.warren.loadtest.relay;

import org.jspecify.annotations.NullMarked;
