@NullMarked
package dev.warren.loadtest.tunnel;

import org.jspecify.annotations.NullMarked;
