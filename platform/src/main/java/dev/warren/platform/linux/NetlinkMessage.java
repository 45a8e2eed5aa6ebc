package dev.warren.platform.linux;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A message of netlink (RFC 3549 section 2; linux/netlink.h), everything in native byte order.
 *
 * <p>Header, 16 bytes: length u32 with the header, type u16, flags u16, sequence u32, port u32; then the type's own
 * fixed part and attributes: length u16 with its 4 bytes, type u16, value, padded to 4.
 *
 * @param type what it is
 * @param flags NLM_F_ bits
 * @param sequence of the request that it belongs to
 * @param body fixed part and attributes
 */
record NetlinkMessage(int type, int flags, int sequence, ByteBuffer body) {
    static final int HEADER_BYTES = 16;
    private static final int ATTRIBUTE_HEADER_BYTES = 4;
    private static final int TYPE_MASK = 0x3fff; // without NLA_F_NESTED and NLA_F_NET_BYTEORDER

    /** A body with room for {@code bytes}, to be filled by put and {@link #attribute}. */
    static ByteBuffer body(int bytes) {
        return ByteBuffer.allocate(bytes).order(ByteOrder.nativeOrder());
    }

    /** Appends an attribute. */
    static void attribute(ByteBuffer body, int type, byte[] value) {
        body.putShort((short) (ATTRIBUTE_HEADER_BYTES + value.length)).putShort((short) type);
        body.put(value);
        body.put(new byte[aligned(value.length) - value.length]);
    }

    /** Appends an attribute of 32 bits. */
    static void attribute(ByteBuffer body, int type, int value) {
        body.putShort((short) (ATTRIBUTE_HEADER_BYTES + Integer.BYTES)).putShort((short) type);
        body.putInt(value);
    }

    /** The bytes to send; {@code body} is taken up to its position. */
    static byte[] encode(int type, int flags, int sequence, ByteBuffer body) {
        byte[] message = new byte[HEADER_BYTES + body.position()];
        ByteBuffer header = ByteBuffer.wrap(message).order(ByteOrder.nativeOrder());
        header.putInt(message.length).putShort((short) type).putShort((short) flags);
        header.putInt(sequence).putInt(0);
        body.get(0, message, HEADER_BYTES, body.position());
        return message;
    }

    /** The messages of one datagram; whatever does not hold together ends the list. */
    static List<NetlinkMessage> decode(byte[] datagram, int length) {
        List<NetlinkMessage> messages = new ArrayList<>();
        ByteBuffer rest = ByteBuffer.wrap(datagram, 0, length).order(ByteOrder.nativeOrder());
        while (rest.remaining() >= HEADER_BYTES) {
            int start = rest.position();
            int bytes = rest.getInt();
            if (bytes < HEADER_BYTES || bytes > length - start) {
                break;
            }
            int type = Short.toUnsignedInt(rest.getShort());
            int flags = Short.toUnsignedInt(rest.getShort());
            int sequence = rest.getInt();
            ByteBuffer body = rest.slice(start + HEADER_BYTES, bytes - HEADER_BYTES);
            messages.add(new NetlinkMessage(type, flags, sequence, body.order(ByteOrder.nativeOrder())));
            rest.position(Math.min(length, start + aligned(bytes)));
        }
        return messages;
    }

    /** The attributes behind a fixed part of {@code fixedBytes}; whatever does not hold together ends the search. */
    Map<Integer, byte[]> attributes(int fixedBytes) {
        Map<Integer, byte[]> found = new HashMap<>();
        int at = aligned(fixedBytes);
        while (at + ATTRIBUTE_HEADER_BYTES <= body.capacity()) {
            int bytes = Short.toUnsignedInt(body.getShort(at));
            if (bytes < ATTRIBUTE_HEADER_BYTES || at + bytes > body.capacity()) {
                break;
            }
            byte[] value = new byte[bytes - ATTRIBUTE_HEADER_BYTES];
            body.get(at + ATTRIBUTE_HEADER_BYTES, value);
            found.put(body.getShort(at + 2) & TYPE_MASK, value);
            at += aligned(bytes);
        }
        return found;
    }

    /** The 32-bit value of an attribute, or {@code otherwise} when it is not there. */
    static int intValue(Map<Integer, byte[]> attributes, int type, int otherwise) {
        byte[] value = attributes.get(type);
        return value == null || value.length < Integer.BYTES
                ? otherwise
                : ByteBuffer.wrap(value).order(ByteOrder.nativeOrder()).getInt();
    }

    /** The text of an attribute without its end mark; empty when it is not there. */
    static String text(Map<Integer, byte[]> attributes, int type) {
        byte[] value = attributes.getOrDefault(type, new byte[0]);
        int end = 0;
        while (end < value.length && value[end] != 0) {
            end++;
        }
        return new String(value, 0, end, StandardCharsets.UTF_8);
    }

    private static int aligned(int bytes) {
        return (bytes + 3) & ~3;
    }
}
