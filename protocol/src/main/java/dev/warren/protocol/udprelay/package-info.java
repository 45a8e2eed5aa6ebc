/**
 * The UDP relay: two clients that cannot reach each other meet at a number (VNI) on a server, which forwards their
 * datagrams unchanged (reference: derp.md sections 9 and 11). The Geneve header is in front of whatever goes through it.
 * Pure: time and randomness are parameters.
 */
@NullMarked
package dev.warren.protocol.udprelay;

import org.jspecify.annotations.NullMarked;
