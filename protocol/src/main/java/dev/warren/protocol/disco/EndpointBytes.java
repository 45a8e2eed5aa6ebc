package dev.warren.protocol.disco;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** An address of 16 bytes, IPv4 as ::ffff:a.b.c.d (RFC 4291 section 2.5.5.2), and a port of 2. */
final class EndpointBytes {
    private static final int ADDRESS_LENGTH = 16;
    private static final int IPV4_LENGTH = 4;
    private static final int MAPPED_PREFIX_LENGTH = ADDRESS_LENGTH - IPV4_LENGTH;

    private EndpointBytes() {}

    static void write(InetSocketAddress endpoint, byte[] target, int at) {
        byte[] address = endpoint.getAddress().getAddress();
        if (!(endpoint.getAddress() instanceof Inet6Address)) {
            Arrays.fill(target, at, at + MAPPED_PREFIX_LENGTH - 2, (byte) 0);
            target[at + MAPPED_PREFIX_LENGTH - 2] = (byte) 0xff;
            target[at + MAPPED_PREFIX_LENGTH - 1] = (byte) 0xff;
        }
        System.arraycopy(address, 0, target, at + ADDRESS_LENGTH - address.length, address.length);
        target[at + ADDRESS_LENGTH] = (byte) (endpoint.getPort() >>> 8);
        target[at + ADDRESS_LENGTH + 1] = (byte) endpoint.getPort();
    }

    /** One behind the other. */
    static void write(List<InetSocketAddress> endpoints, byte[] target, int at) {
        for (int i = 0; i < endpoints.size(); i++) {
            write(endpoints.get(i), target, at + i * DiscoType.ENDPOINT_LENGTH);
        }
    }

    static InetSocketAddress read(byte[] source, int at) {
        int port = Byte.toUnsignedInt(source[at + ADDRESS_LENGTH]) << 8
                | Byte.toUnsignedInt(source[at + ADDRESS_LENGTH + 1]);
        try {
            // Sixteen bytes of a mapped address come back as an Inet4Address.
            InetAddress address = InetAddress.getByAddress(Arrays.copyOfRange(source, at, at + ADDRESS_LENGTH));
            return new InetSocketAddress(address, port);
        } catch (UnknownHostException impossible) {
            throw new AssertionError(impossible);
        }
    }

    /** As many as stand in {@code length} bytes, which must be a multiple of one's. */
    static List<InetSocketAddress> readAll(byte[] source, int at, int length) {
        List<InetSocketAddress> endpoints = new ArrayList<>(length / DiscoType.ENDPOINT_LENGTH);
        for (int next = at; next < at + length; next += DiscoType.ENDPOINT_LENGTH) {
            endpoints.add(read(source, next));
        }
        return endpoints;
    }
}
