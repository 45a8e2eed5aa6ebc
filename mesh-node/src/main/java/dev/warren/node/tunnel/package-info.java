/**
 * The datapath: one thread that moves batches of packets between the TUN device, the UDP sockets, the relays'
 * connections and the engine, and what it needs around it.
 */
@NullMarked
package dev.warren.node.tunnel;

import org.jspecify.annotations.NullMarked;
