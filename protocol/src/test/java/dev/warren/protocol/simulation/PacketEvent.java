package dev.warren.protocol.simulation;

/**
 * The end of a datagram's way.
 *
 * @param atNanos the virtual time
 * @param fate what became of it
 * @param place the name of the host, NAT or segment where that was
 * @param datagram with the addresses it had there
 */
public record PacketEvent(long atNanos, Fate fate, String place, Datagram datagram) {}
