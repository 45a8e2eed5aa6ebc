package dev.warren.protocol.wireguard;

import dev.warren.protocol.crypto.Aead;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * The header of a data message (paper section 5.4.6), as a view on the buffer because it is on the per-packet path:
 *
 * <pre>
 *   0  type 4, three zero bytes       4
 *   4  receiver index                 4
 *   8  counter                        8
 *  16  encrypted padded packet    n + 16
 * </pre>
 */
final class DataMessage {
    static final int HEADER_LENGTH = 16;
    /** What a message is longer than its padded packet; a keepalive has just this. */
    static final int OVERHEAD = HEADER_LENGTH + Aead.TAG_LENGTH;

    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private static final int RECEIVER_AT = 4;
    private static final int COUNTER_AT = 8;

    private DataMessage() {}

    static int encodedLength(int paddedLength) {
        return OVERHEAD + paddedLength;
    }

    static void encodeHeader(int receiver, long counter, MemorySegment target, long offset) {
        target.set(INT, offset, MessageType.DATA.code());
        target.set(INT, offset + RECEIVER_AT, receiver);
        target.set(LONG, offset + COUNTER_AT, counter);
    }

    /** Whether what starts here is of this type and long enough. */
    static boolean isData(MemorySegment source, long offset, int length) {
        return length >= OVERHEAD && source.get(INT, offset) == MessageType.DATA.code();
    }

    /** The word that says which of the four messages starts here. */
    static int type(MemorySegment source, long offset) {
        return source.get(INT, offset);
    }

    static int receiver(MemorySegment source, long offset) {
        return source.get(INT, offset + RECEIVER_AT);
    }

    static long counter(MemorySegment source, long offset) {
        return source.get(LONG, offset + COUNTER_AT);
    }

    /**
     * The length that a packet is padded to: the next multiple of 16, but never beyond the MTU (paper section 5.4.6). A
     * packet larger than the MTU, which the owner may still hand in, is padded by its remainder only.
     */
    static int paddedLength(int length, int mtu) {
        int last = length > mtu && mtu > 0 ? length % mtu : length;
        int padded = -Math.floorDiv(-last, Constants.PADDING_MULTIPLE) * Constants.PADDING_MULTIPLE;
        return length + (mtu > 0 ? Math.min(padded, mtu) : padded) - last;
    }
}
