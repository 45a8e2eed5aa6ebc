/**
 * WireGuard without sockets, threads or clock: handshake, sessions, timers, allowed-ips, cookies.
 *
 * <p>Names are those of the WireGuard paper (Donenfeld, NDSS 2017); section numbers refer to it.
 */
@NullMarked
package dev.warren.protocol.wireguard;

import org.jspecify.annotations.NullMarked;
