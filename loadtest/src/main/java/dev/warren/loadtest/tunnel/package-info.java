/**
 * Drives WireGuard in user space, ours or anybody's: two network namespaces joined by a veth pair, an implementation at
 * each end, iperf3 and ping through the tunnel, and handshakes by a generator of our own.
 */
@NullMarked
package dev.warren.loadtest.tunnel;

import org.jspecify.annotations.NullMarked;
