/** Certificates for servers, pins for clients: TLS 1.2 and 1.3 for Netty and for the JDK's own clients. */
@NullMarked
package dev.warren.platform.tls;

import org.jspecify.annotations.NullMarked;
