package dev.warren.loadtest.stun;

import dev.warren.protocol.stun.AttributeType;
import dev.warren.protocol.stun.MessageType;
import dev.warren.protocol.stun.StunCodec;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/**
 * Whether an answer is what a STUN server has to say to one socket (RFC 8489 sections 5, 6.3.3, 14.2, 14.7). Works in
 * place on one buffer and makes no objects.
 */
final class AnswerCheck {
    private static final int IPV4_LENGTH = 8;
    private static final int IPV6_LENGTH = 20;
    private static final int ATTRIBUTE_HEADER = 4;
    private static final int CRC_LENGTH = 4;

    private final byte[] buffer;
    private final ByteBuffer view;
    private final int prefix;
    private final int socket;
    private final int[] expected;
    private final CRC32 crc = new CRC32();

    /** Of the answers that {@link #check} finds in {@code buffer}, for the socket of that number and address. */
    AnswerCheck(byte[] buffer, int prefix, int socket, InetSocketAddress own) {
        this.buffer = buffer;
        this.view = ByteBuffer.wrap(buffer);
        this.prefix = prefix;
        this.socket = socket;
        this.expected = value(own);
    }

    /** The words of a MAPPED-ADDRESS: family and port, address. */
    private static int[] value(InetSocketAddress own) {
        byte[] ip = own.getAddress().getAddress();
        ByteBuffer bytes = ByteBuffer.wrap(ip);
        int[] words = new int[1 + ip.length / Integer.BYTES];
        words[0] = (ip.length == Integer.BYTES ? 1 : 2) << 16 | own.getPort();
        for (int i = 1; i < words.length; i++) {
            words[i] = bytes.getInt();
        }
        return words;
    }

    /** Whether the header is STUN's and the id one of this socket's; what is wrong, or null. */
    @Nullable
    Wrong checkHeader(int length) {
        if (!StunCodec.looksLike(buffer, 0, length) || length % Integer.BYTES != 0) {
            return Wrong.NOT_STUN;
        }
        boolean ours =
                view.getInt(RequestTemplate.PREFIX_AT) == prefix && view.getInt(RequestTemplate.SOCKET_AT) == socket;
        return ours ? null : Wrong.UNKNOWN_ID;
    }

    /** The number of the request that is answered; after {@link #checkHeader} found nothing wrong. */
    int sequence() {
        return view.getInt(RequestTemplate.SEQUENCE_AT);
    }

    /** Whether the rest is right too; what is wrong, or null. */
    @Nullable
    Wrong check(int length) {
        int type = view.getShort(0);
        if (type != MessageType.BINDING_SUCCESS.code()) {
            return type == MessageType.BINDING_ERROR.code() ? Wrong.REFUSED : Wrong.OTHER_TYPE;
        }
        Wrong address = Wrong.NO_ADDRESS;
        int at = StunCodec.HEADER_LENGTH;
        while (at < length) {
            int attribute = Short.toUnsignedInt(view.getShort(at));
            int size = Short.toUnsignedInt(view.getShort(at + 2));
            int end = at + ATTRIBUTE_HEADER + (size + 3 & ~3);
            if (end > length) {
                return Wrong.BROKEN;
            }
            if (attribute == AttributeType.XOR_MAPPED_ADDRESS.code() && address == Wrong.NO_ADDRESS) {
                address = isOwn(at + ATTRIBUTE_HEADER, size) ? null : Wrong.WRONG_ADDRESS;
            } else if (attribute == AttributeType.FINGERPRINT.code() && !(end == length && isSealed(at, size))) {
                return Wrong.FINGERPRINT;
            }
            at = end;
        }
        return address;
    }

    private boolean isOwn(int at, int size) {
        if (size != (expected.length == 2 ? IPV4_LENGTH : IPV6_LENGTH)) {
            return false;
        }
        // The first byte may be anything; the port is XORed with the upper half of the cookie.
        if (((view.getInt(at) ^ StunCodec.MAGIC_COOKIE >>> 16) & 0x00ffffff) != expected[0]) {
            return false;
        }
        for (int i = 1; i < expected.length; i++) {
            // The cookie and the transaction id, which lie in a row.
            if ((view.getInt(at + Integer.BYTES * i) ^ view.getInt(Integer.BYTES * i)) != expected[i]) {
                return false;
            }
        }
        return true;
    }

    private boolean isSealed(int at, int size) {
        if (size != CRC_LENGTH) {
            return false;
        }
        crc.reset();
        crc.update(buffer, 0, at);
        return view.getInt(at + ATTRIBUTE_HEADER) == ((int) crc.getValue() ^ RequestTemplate.FINGERPRINT_MASK);
    }
}
