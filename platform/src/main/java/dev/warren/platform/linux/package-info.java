/**
 * Linux system calls by {@code java.lang.foreign}, for x86-64 and aarch64: clock, epoll, UDP sockets in batches, TUN
 * devices, rtnetlink and network namespaces. No native helper is built or shipped; everything is in the C library.
 *
 * <p>An object that holds a descriptor belongs to one thread, unless its class says otherwise.
 */
@NullMarked
package dev.warren.platform.linux;

import org.jspecify.annotations.NullMarked;
