/**
 * What steers a node from outside: the coordinator's client, WireGuard's UAPI, and the local socket behind {@code
 * warren status}, {@code ping} and {@code down}.
 */
@NullMarked
package dev.warren.node.control;

import org.jspecify.annotations.NullMarked;
