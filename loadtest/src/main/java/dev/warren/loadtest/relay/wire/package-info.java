/**
 * The client's end of many DERP connections on one thread: sockets, TLS, login, and frames parsed in place in native
 * memory, without an object for each packet.
 */
@NullMarked
package dev.warren.loadtest.relay.wire;

import org.jspecify.annotations.NullMarked;
