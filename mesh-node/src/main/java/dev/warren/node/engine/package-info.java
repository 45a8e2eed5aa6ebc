/**
 * The agent without sockets, threads or clock: WireGuard, path agents, disco and STUN joined into one state machine.
 *
 * <p>The datapath thread drives it on a real machine, the simulated network drives it in tests; neither can tell.
 */
@NullMarked
package dev.warren.node.engine;

import org.jspecify.annotations.NullMarked;
