/**
 * WireGuard interfaces for Java programs: what {@code wg}, {@code ip} and a configuration file do, as calls. {@code
 * TunnelManager} holds the interfaces of a process; the records say what one is set to and what it has done.
 */
@NullMarked
package dev.warren.node.api;

import org.jspecify.annotations.NullMarked;
