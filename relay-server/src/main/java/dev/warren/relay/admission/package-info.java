/** Who may use the relay. */
@NullMarked
package dev.warren.relay.admission;

import org.jspecify.annotations.NullMarked;
