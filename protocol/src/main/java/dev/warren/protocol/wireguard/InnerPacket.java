package dev.warren.protocol.wireguard;

/** What the tunnel reads of the IP packets it carries: version, length, addresses (RFC 791 and RFC 8200, section 3). */
final class InnerPacket {
    private static final int IPV4_HEADER = 20;
    private static final int IPV6_HEADER = 40;
    private static final int IPV4_LENGTH_AT = 2;
    private static final int IPV6_LENGTH_AT = 4;
    private static final int IPV4_SOURCE_AT = 12;
    private static final int IPV4_DESTINATION_AT = 16;
    private static final int IPV6_SOURCE_AT = 8;
    private static final int IPV6_DESTINATION_AT = 24;

    private InnerPacket() {}

    /** 4 or 6, or 0 when the bytes can't be the header of either. */
    static int version(byte[] buffer, int offset, int length) {
        int version = length == 0 ? 0 : (buffer[offset] & 0xf0) >> 4;
        return switch (version) {
            case 4 -> length >= IPV4_HEADER ? version : 0;
            case 6 -> length >= IPV6_HEADER ? version : 0;
            default -> 0;
        };
    }

    /** The length in the header, without the tunnel's padding; -1 when it is not within what was received. */
    static int trimmedLength(int version, byte[] buffer, int offset, int length) {
        int stated = version == 4
                ? readShort(buffer, offset + IPV4_LENGTH_AT)
                : IPV6_HEADER + readShort(buffer, offset + IPV6_LENGTH_AT);
        int smallest = version == 4 ? IPV4_HEADER : IPV6_HEADER;
        return stated < smallest || stated > length ? -1 : stated;
    }

    static int sourceAt(int version) {
        return version == 4 ? IPV4_SOURCE_AT : IPV6_SOURCE_AT;
    }

    static int destinationAt(int version) {
        return version == 4 ? IPV4_DESTINATION_AT : IPV6_DESTINATION_AT;
    }

    static int addressLength(int version) {
        return version == 4 ? 4 : 16;
    }

    private static int readShort(byte[] buffer, int offset) {
        return ((buffer[offset] & 0xff) << 8) | (buffer[offset + 1] & 0xff);
    }
}
