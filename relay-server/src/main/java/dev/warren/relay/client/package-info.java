/**
 * Clients of the relay: their connections, who is where, and the way of a packet from one to another.
 *
 * <p>A packet arrives in a buffer of the sender's connection, is re-headed in that buffer, and a slice of it waits and
 * is written on the receiver's event loop. Nobody waits for anybody: what does not fit into a receiver's queues is
 * dropped.
 */
@NullMarked
package dev.warren.relay.client;

import org.jspecify.annotations.NullMarked;
