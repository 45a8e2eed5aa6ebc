/**
 * The relay's UDP port: sockets, one thread and metrics around {@code protocol.udprelay}. Clients get their sessions over
 * DERP, and forward through it what would stand in TCP's line otherwise.
 */
@NullMarked
package dev.warren.relay.udp;

import org.jspecify.annotations.NullMarked;
