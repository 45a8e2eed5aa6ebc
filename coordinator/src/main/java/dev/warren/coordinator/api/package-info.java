/** HTTPS for nodes and relays, and the local socket for the operator. */
@NullMarked
package dev.warren.coordinator.api;

import org.jspecify.annotations.NullMarked;
