package dev.warren.protocol.udprelay;

import dev.warren.protocol.disco.RelaySession;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/**
 * The eight bytes in front of a datagram that goes through a UDP relay, or to it: a Geneve header without options (RFC
 * 8926 section 3.4). Version (2 bits) and option length (6 bits), both 0; control bit 0x80 and critical bit 0x40;
 * protocol u16; VNI u24; reserved u8, 0.
 *
 * <p>The critical bit is not looked at, as it speaks of options. Whatever else is not as above is no header of ours.
 *
 * @param control true for what is between client and relay, and not for the other client
 * @param protocol {@link #DISCO} or {@link #WIREGUARD}
 * @param vni the session's number; any 24 bits
 */
public record GeneveHeader(boolean control, int protocol, int vni) {
    /** Bytes on the wire. */
    public static final int LENGTH = 8;
    /** A disco packet follows. */
    public static final int DISCO = 0x7A11;
    /** A WireGuard message follows. */
    public static final int WIREGUARD = 0x7A12;

    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);
    private static final long CONTROL = 0x0080_0000_0000_0000L;
    /** Version, option length, the reserved bits of byte 1, the reserved byte. */
    private static final long ALWAYS_ZERO = 0xFF3F_0000_0000_00FFL;

    private static final int PROTOCOL_SHIFT = 32;
    private static final int VNI_SHIFT = 8;

    /** Throws IllegalArgumentException for another protocol or a number of more than 24 bits. */
    public GeneveHeader {
        if (!isProtocol(protocol) || (vni & ~RelaySession.HIGHEST_VNI) != 0) {
            throw new IllegalArgumentException("no Geneve header has protocol " + protocol + " and VNI " + vni);
        }
    }

    /** Bytes that {@link #encode} writes. */
    public static int encodedLength() {
        return LENGTH;
    }

    /** Writes the header at {@code offset}; returns its length. */
    public static int encode(GeneveHeader header, byte[] target, int offset) {
        LONG.set(target, offset, bits(header.control, header.protocol, header.vni));
        return LENGTH;
    }

    /** The header in front of the {@code length} bytes at {@code offset}; null when there is none. */
    public static @Nullable GeneveHeader decode(byte[] source, int offset, int length) {
        if (!looksLike(source, offset, length)) {
            return null;
        }
        long bits = bits(source, offset);
        return new GeneveHeader(isControl(bits), protocol(bits), vni(bits));
    }

    /** The eight bytes of a header as one big-endian number; allocates nothing, as the rest below. */
    public static long bits(boolean control, int protocol, int vni) {
        return (control ? CONTROL : 0) | (long) protocol << PROTOCOL_SHIFT | (long) vni << VNI_SHIFT;
    }

    /** The eight bytes at {@code offset}, whatever they are. */
    public static long bits(byte[] buffer, int offset) {
        return (long) LONG.get(buffer, offset);
    }

    /** Whether these bytes are a header. No WireGuard, disco or STUN message looks like one. */
    public static boolean isHeader(long bits) {
        return (bits & ALWAYS_ZERO) == 0 && isProtocol(protocol(bits));
    }

    /** Whether the {@code length} bytes at {@code offset} begin with a header. */
    public static boolean looksLike(byte[] buffer, int offset, int length) {
        return length >= LENGTH && isHeader(bits(buffer, offset));
    }

    /** A header's control bit. */
    public static boolean isControl(long bits) {
        return (bits & CONTROL) != 0;
    }

    /** A header's protocol. */
    public static int protocol(long bits) {
        return (int) (bits >>> PROTOCOL_SHIFT) & 0xFFFF;
    }

    /** A header's VNI. */
    public static int vni(long bits) {
        return (int) (bits >>> VNI_SHIFT) & RelaySession.HIGHEST_VNI;
    }

    private static boolean isProtocol(int protocol) {
        return protocol == DISCO || protocol == WIREGUARD;
    }
}
