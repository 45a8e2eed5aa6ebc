/**
 * Which way a peer is reached. Pure: time and randomness are parameters, what to send comes back through an interface.
 *
 * <p>The rules are magicsock's, with retries, triggered checks and hysteresis that find a path sooner and keep it
 * steadier.
 */
@NullMarked
package dev.warren.node.path;

import org.jspecify.annotations.NullMarked;
