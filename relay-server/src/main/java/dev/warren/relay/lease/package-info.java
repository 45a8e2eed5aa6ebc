/** A relay's place in a coordinator's map: asked for, kept while it runs, given back when it stops. */
@NullMarked
package dev.warren.relay.lease;

import org.jspecify.annotations.NullMarked;
