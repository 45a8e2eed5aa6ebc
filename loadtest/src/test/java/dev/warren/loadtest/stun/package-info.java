@NullMarked
package dev.warren.loadtest.stun;

import org.jspecify.annotations.NullMarked;
