/**
 * Port-mapping services of a home router, as far as it takes to find them: NAT-PMP's question for the external address
 * (RFC 6886), PCP's ANNOUNCE (RFC 6887), UPnP's search (SSDP, UPnP Device Architecture 1.1 section 1.3). No mapping is
 * made. Pure: time is a parameter.
 */
@NullMarked
package dev.warren.protocol.portmap;

import org.jspecify.annotations.NullMarked;
