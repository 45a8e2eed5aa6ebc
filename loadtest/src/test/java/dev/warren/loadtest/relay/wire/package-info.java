@NullMarked
package dev.warren.loadtest.relay.wire;

import org.jspecify.annotations.NullMarked;
