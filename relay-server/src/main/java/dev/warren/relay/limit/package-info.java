/** How much one client, one address and all of them together may take of a relay. */
@NullMarked
package dev.warren.relay.limit;

import org.jspecify.annotations.NullMarked;
