/**
 * The relay server: {@code warren relay}. Holds nothing but who is connected; killing it costs its clients a reconnect.
 */
@NullMarked
package dev.warren.relay;

import org.jspecify.annotations.NullMarked;
