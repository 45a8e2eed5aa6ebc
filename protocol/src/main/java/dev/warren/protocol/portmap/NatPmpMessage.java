package dev.warren.protocol.portmap;

import java.net.Inet4Address;

/** What goes between client and gateway to learn the external address (RFC 6886 section 3.2). */
public sealed interface NatPmpMessage {
    /** Client to gateway: which address do packets of mine have outside? */
    record AddressRequest() implements NatPmpMessage {}

    /**
     * Gateway to client: this one.
     *
     * @param epochSeconds since the gateway's table of mappings was last empty; 0 to 4,294,967,295
     * @param address the external address; 0.0.0.0 when the gateway has none (yet)
     */
    record Address(long epochSeconds, Inet4Address address) implements NatPmpMessage {
        /** Throws IllegalArgumentException for seconds that do not fit into 32 bits. */
        public Address {
            Bytes.checkU32(epochSeconds);
        }
    }

    /**
     * Gateway to client: no.
     *
     * @param result why, 1 to 65,535: see {@link NatPmpResult}
     * @param epochSeconds as in {@link Address}
     */
    record Refused(int result, long epochSeconds) implements NatPmpMessage {
        /** Throws IllegalArgumentException for a result that is none, or is success. */
        public Refused {
            Bytes.checkU32(epochSeconds);
            if (result < 1 || result > 0xFFFF) {
                throw new IllegalArgumentException("NAT-PMP refuses with 1 to 65535, not " + result);
            }
        }
    }
}
