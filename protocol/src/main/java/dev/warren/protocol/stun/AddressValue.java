package dev.warren.protocol.stun;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import org.jspecify.annotations.Nullable;

/**
 * The value of the address attributes: a zero byte, family (1 IPv4, 2 IPv6), port, address (RFC 8489 section 14.1). The
 * masked form has the port XOR the cookie's upper half, and the address XOR cookie and transaction id (section 14.2).
 */
final class AddressValue {
    static final int IPV4_LENGTH = 8;
    static final int IPV6_LENGTH = 20;

    private static final int ADDRESS_OFFSET = 4;
    private static final int IPV4 = 1;
    private static final int IPV6 = 2;

    private AddressValue() {}

    /** Bytes of the value for an address of {@code addressLength} bytes. */
    static int length(int addressLength) {
        return ADDRESS_OFFSET + addressLength;
    }

    /** The value for {@code socket}, in the clear. */
    static byte[] of(InetSocketAddress socket) {
        byte[] address = socket.getAddress().getAddress();
        byte[] value = new byte[length(address.length)];
        write(address, socket.getPort(), value, 0);
        return value;
    }

    /** Writes the value; {@code address} is 4 or 16 bytes. */
    static void write(byte[] address, int port, byte[] target, int offset) {
        target[offset] = 0;
        target[offset + 1] = (byte) (address.length == 4 ? IPV4 : IPV6);
        Bytes.putU16(target, offset + 2, port);
        System.arraycopy(address, 0, target, offset + ADDRESS_OFFSET, address.length);
    }

    /** Masks or unmasks a value in place with the cookie and transaction id that stand at {@code mask}. */
    static void xor(byte[] buffer, int offset, int length, byte[] maskSource, int mask) {
        buffer[offset + 2] ^= maskSource[mask];
        buffer[offset + 3] ^= maskSource[mask + 1];
        for (int i = ADDRESS_OFFSET; i < length; i++) {
            buffer[offset + i] ^= maskSource[mask + i - ADDRESS_OFFSET];
        }
    }

    /**
     * The address in a value in the clear; null when family and length do not fit. A mapped IPv4 address is unmapped.
     */
    static @Nullable InetSocketAddress read(byte[] value) {
        boolean fits =
                (value.length == IPV4_LENGTH && value[1] == IPV4) || (value.length == IPV6_LENGTH && value[1] == IPV6);
        if (!fits) {
            return null;
        }
        byte[] address = new byte[value.length - ADDRESS_OFFSET];
        System.arraycopy(value, ADDRESS_OFFSET, address, 0, address.length);
        try {
            return new InetSocketAddress(InetAddress.getByAddress(address), Bytes.u16(value, 2));
        } catch (UnknownHostException impossible) {
            throw new AssertionError(impossible);
        }
    }
}
