/**
 * What the kernel leaves to whoever holds a TUN device with offloads: completing checksums, cutting a super-packet into
 * packets that fit the network, and joining received ones again. Pure: memory in, memory out; no socket, thread or
 * clock. Nothing here allocates per packet.
 *
 * <p>A <em>super-packet</em> is one TCP segment or UDP datagram of up to 64 KB that stands for many of equal size; the
 * ten bytes of {@link dev.warren.node.offload.VirtioHeader} in front of it say how it is to be cut.
 */
@NullMarked
package dev.warren.node.offload;

import org.jspecify.annotations.NullMarked;
