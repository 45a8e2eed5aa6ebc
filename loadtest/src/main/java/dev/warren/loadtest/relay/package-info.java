/** The load on relays: pairs of clients that send through one, connect storms, idle crowds. */
@NullMarked
package dev.warren.loadtest.relay;

import org.jspecify.annotations.NullMarked;
