/**
 * A network without sockets, threads or waiting: hosts, links, NATs, firewalls, a relay and a STUN server on a virtual
 * clock that jumps to the next deadline. One seed gives one course of events, packet by packet.
 */
@NullMarked
package dev.warren.protocol.simulation;

import org.jspecify.annotations.NullMarked;
