package dev.warren.protocol.portmap;

import java.net.InetAddress;

/** The part of PCP that shows whether a gateway speaks it (RFC 6887 sections 7.1, 7.2 and 14.1). */
public sealed interface PcpMessage {
    /**
     * Client to gateway: are you there, and since when?
     *
     * @param client the client's own address; the gateway compares it with where the request came from
     */
    record AnnounceRequest(InetAddress client) implements PcpMessage {}

    /**
     * Gateway to client, the header that all answers have.
     *
     * @param opcode of what was asked, 0 to 127; 0 is ANNOUNCE
     * @param result 0 to 255: see {@link PcpResult}
     * @param lifetimeSeconds how long the answer holds; 0 to 4,294,967,295
     * @param epochSeconds since the gateway's table of mappings was last empty; the same range
     */
    record Response(int opcode, int result, long lifetimeSeconds, long epochSeconds) implements PcpMessage {
        /** Throws IllegalArgumentException for a number that does not fit into its field. */
        public Response {
            Bytes.checkU32(lifetimeSeconds);
            Bytes.checkU32(epochSeconds);
            if (opcode < 0 || opcode > 0x7F || result < 0 || result > 0xFF) {
                throw new IllegalArgumentException("no PCP answer has opcode " + opcode + " and result " + result);
            }
        }
    }
}
