package dev.warren.protocol.disco;

import dev.warren.protocol.disco.DiscoMessage.CallMeMaybe;
import dev.warren.protocol.disco.DiscoMessage.Ping;
import dev.warren.protocol.disco.DiscoMessage.Pong;
import dev.warren.protocol.key.NodePublicKey;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The plaintext of disco messages: type, version 0, payload; integers big-endian (nat-traversal.md sections 1.1, 1.2).
 *
 * <p>What is tolerated: bytes behind a payload are ignored (a ping counts them as padding). The version byte of ping
 * and pong is ignored. A call-me-maybe of another version, or whose length is no multiple of 18, has no endpoints. A
 * ping may lack the node key. Anything else (unknown type, payload too short) is not understood.
 */
public final class DiscoCodec {
    private static final int HEADER_LENGTH = 2;
    private static final byte VERSION = 0;
    private static final int ADDRESS_LENGTH = 16;
    private static final int IPV4_LENGTH = 4;
    private static final int MAPPED_PREFIX_LENGTH = ADDRESS_LENGTH - IPV4_LENGTH;

    private DiscoCodec() {}

    /** Bytes that {@link #encode} writes for {@code message}. */
    public static int encodedLength(DiscoMessage message) {
        return HEADER_LENGTH
                + switch (message) {
                    case Ping ping -> TxId.LENGTH + (ping.node() == null ? 0 : NodePublicKey.LENGTH) + ping.padding();
                    case Pong _ -> DiscoType.PONG.minLength;
                    case CallMeMaybe(List<InetSocketAddress> endpoints) -> endpoints.size() * DiscoType.ENDPOINT_LENGTH;
                };
    }

    /**
     * Writes {@code message} at {@code offset}, where {@link #encodedLength} bytes must be free; returns their
     * number.
     */
    public static int encode(DiscoMessage message, byte[] target, int offset) {
        int length = encodedLength(message);
        int payload = offset + HEADER_LENGTH;
        target[offset + 1] = VERSION;
        switch (message) {
            case Ping ping -> {
                target[offset] = (byte) DiscoType.PING.code;
                writePing(ping, target, payload);
            }
            case Pong(TxId id, InetSocketAddress observed) -> {
                target[offset] = (byte) DiscoType.PONG.code;
                id.copyTo(target, payload);
                writeEndpoint(observed, target, payload + TxId.LENGTH);
            }
            case CallMeMaybe(List<InetSocketAddress> endpoints) -> {
                target[offset] = (byte) DiscoType.CALL_ME_MAYBE.code;
                for (int i = 0; i < endpoints.size(); i++) {
                    writeEndpoint(endpoints.get(i), target, payload + i * DiscoType.ENDPOINT_LENGTH);
                }
            }
        }
        return length;
    }

    /** The message in the {@code length} bytes at {@code offset}; null when they are not understood. */
    public static @Nullable DiscoMessage decode(byte[] source, int offset, int length) {
        int payload = offset + HEADER_LENGTH;
        int size = length - HEADER_LENGTH;
        DiscoType type = size < 0 ? null : DiscoType.of(source[offset]);
        if (type == null || size < type.minLength) {
            return null;
        }
        return switch (type) {
            case PING -> readPing(source, payload, size);
            case PONG -> new Pong(TxId.of(source, payload), readEndpoint(source, payload + TxId.LENGTH));
            case CALL_ME_MAYBE -> readCallMeMaybe(source, offset, size);
        };
    }

    private static void writePing(Ping ping, byte[] target, int payload) {
        ping.id().copyTo(target, payload);
        int end = payload + TxId.LENGTH;
        NodePublicKey node = ping.node();
        if (node != null) {
            node.copyTo(target, end);
            end += NodePublicKey.LENGTH;
        }
        Arrays.fill(target, end, end + ping.padding(), (byte) 0);
    }

    private static Ping readPing(byte[] source, int payload, int size) {
        TxId id = TxId.of(source, payload);
        int rest = size - TxId.LENGTH;
        if (rest >= NodePublicKey.LENGTH) {
            NodePublicKey node = NodePublicKey.of(source, payload + TxId.LENGTH);
            if (!node.isZero()) {
                return new Ping(id, node, rest - NodePublicKey.LENGTH);
            }
        }
        return new Ping(id, null, rest);
    }

    private static CallMeMaybe readCallMeMaybe(byte[] source, int offset, int size) {
        if (source[offset + 1] != VERSION || size % DiscoType.ENDPOINT_LENGTH != 0) {
            return new CallMeMaybe(List.of());
        }
        List<InetSocketAddress> endpoints = new ArrayList<>(size / DiscoType.ENDPOINT_LENGTH);
        int end = offset + HEADER_LENGTH + size;
        for (int at = offset + HEADER_LENGTH; at < end; at += DiscoType.ENDPOINT_LENGTH) {
            endpoints.add(readEndpoint(source, at));
        }
        return new CallMeMaybe(endpoints);
    }

    /** IPv4 as ::ffff:a.b.c.d (RFC 4291 section 2.5.5.2). */
    private static void writeEndpoint(InetSocketAddress endpoint, byte[] target, int at) {
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

    private static InetSocketAddress readEndpoint(byte[] source, int at) {
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
}
