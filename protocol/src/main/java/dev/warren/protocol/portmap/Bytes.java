package dev.warren.protocol.portmap;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteOrder;
import java.util.Arrays;

/** Big-endian numbers and addresses in byte arrays. */
final class Bytes {
    static final int ADDRESS_LENGTH = 16;

    private static final long HIGHEST_U32 = 0xFFFF_FFFFL;
    private static final int IPV4_PLACE = 12;
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle SHORT = MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.BIG_ENDIAN);

    private Bytes() {}

    static void checkU32(long value) {
        if (value < 0 || value > HIGHEST_U32) {
            throw new IllegalArgumentException(value + " does not fit into 32 bits");
        }
    }

    static int u16(byte[] source, int offset) {
        return Short.toUnsignedInt((short) SHORT.get(source, offset));
    }

    static long u32(byte[] source, int offset) {
        return Integer.toUnsignedLong((int) INT.get(source, offset));
    }

    static void putU16(byte[] target, int offset, int value) {
        SHORT.set(target, offset, (short) value);
    }

    static void putU32(byte[] target, int offset, long value) {
        INT.set(target, offset, (int) value);
    }

    static Inet4Address inet4(byte[] source, int offset) {
        return (Inet4Address) address(Arrays.copyOfRange(source, offset, offset + 4));
    }

    /** The 16 bytes at {@code offset}: IPv6, or IPv4 mapped into it (RFC 6887 section 5). */
    static InetAddress inet16(byte[] source, int offset) {
        return address(Arrays.copyOfRange(source, offset, offset + ADDRESS_LENGTH));
    }

    static void putInet16(byte[] target, int offset, InetAddress address) {
        Arrays.fill(target, offset, offset + ADDRESS_LENGTH, (byte) 0);
        if (address instanceof Inet6Address) {
            System.arraycopy(address.getAddress(), 0, target, offset, ADDRESS_LENGTH);
        } else {
            target[offset + IPV4_PLACE - 2] = (byte) 0xFF;
            target[offset + IPV4_PLACE - 1] = (byte) 0xFF;
            System.arraycopy(address.getAddress(), 0, target, offset + IPV4_PLACE, 4);
        }
    }

    private static InetAddress address(byte[] bytes) {
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException impossible) {
            throw new AssertionError("4 and 16 bytes are an address", impossible);
        }
    }
}
