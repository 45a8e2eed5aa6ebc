package dev.warren.protocol.simulation;

import java.time.Duration;

/**
 * How a NAT behaves, in the words of RFC 4787.
 *
 * @param mapping which destinations share one external port (section 4.1)
 * @param filtering who may send to it (section 5)
 * @param preservesPorts the external port is the inner one when that is free; else a random one
 * @param lifetime without a datagram from inside, mapping and permission end
 * @param hairpins whether inner hosts reach one another by the external address (section 6)
 */
public record NatKind(
        Dependence mapping, Dependence filtering, boolean preservesPorts, Duration lifetime, boolean hairpins) {
    /** What a mapping or a filter distinguishes of the remote end. */
    public enum Dependence {
        /** Nothing: endpoint-independent. */
        NONE,
        /** Its address. */
        ADDRESS,
        /** Its address and port. */
        ADDRESS_AND_PORT
    }

    private static final Duration LONG = Duration.ofMinutes(5);

    /** "Easy": one port for all, and only those who were sent to may answer. Linux, most home routers. */
    public static final NatKind PORT_RESTRICTED =
            new NatKind(Dependence.NONE, Dependence.ADDRESS_AND_PORT, false, LONG, false);
    /** "Easy, address filter". */
    public static final NatKind ADDRESS_RESTRICTED = PORT_RESTRICTED.withFiltering(Dependence.ADDRESS);
    /** One port for all, and anybody may send to it. */
    public static final NatKind FULL_CONE = PORT_RESTRICTED.withFiltering(Dependence.NONE);
    /** "Hard": another random port for each remote address and port. */
    public static final NatKind SYMMETRIC = PORT_RESTRICTED.withMapping(Dependence.ADDRESS_AND_PORT);

    /** The same with another mapping. */
    public NatKind withMapping(Dependence other) {
        return new NatKind(other, filtering, preservesPorts, lifetime, hairpins);
    }

    /** The same with another filter. */
    public NatKind withFiltering(Dependence other) {
        return new NatKind(mapping, other, preservesPorts, lifetime, hairpins);
    }

    /** The same, and it keeps port numbers when it can. */
    public NatKind withPortsPreserved() {
        return new NatKind(mapping, filtering, true, lifetime, hairpins);
    }

    /** The same with another lifetime. */
    public NatKind withLifetime(Duration other) {
        return new NatKind(mapping, filtering, preservesPorts, other, hairpins);
    }

    /** The same, and it hairpins. */
    public NatKind withHairpin() {
        return new NatKind(mapping, filtering, preservesPorts, lifetime, true);
    }
}
