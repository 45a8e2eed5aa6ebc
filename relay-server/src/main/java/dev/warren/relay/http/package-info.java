/** The HTTP that clients and probes speak to a relay before, or instead of, DERP. */
@NullMarked
package dev.warren.relay.http;

import org.jspecify.annotations.NullMarked;
