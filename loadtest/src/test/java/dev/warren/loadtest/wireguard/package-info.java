/**
 * WireGuard by the rules that its own tests check, between real daemons in network namespaces: ours at both ends, and
 * ours with the newest wireguard-go at either end.
 */
@NullMarked
package dev.warren.loadtest.wireguard;

import org.jspecify.annotations.NullMarked;
