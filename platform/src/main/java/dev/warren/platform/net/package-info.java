/** Sockets by way of Netty: the choice of transport and the relay client connection. */
@NullMarked
package dev.warren.platform.net;

import org.jspecify.annotations.NullMarked;
