package dev.warren.protocol.portmap;

import dev.warren.protocol.portmap.NatPmpMessage.Address;
import dev.warren.protocol.portmap.NatPmpMessage.AddressRequest;
import dev.warren.protocol.portmap.NatPmpMessage.Refused;
import java.net.Inet4Address;
import org.jspecify.annotations.Nullable;

/**
 * NAT-PMP's bytes, big-endian (RFC 6886 sections 3.2 and 3.5).
 *
 * <p>Request: version u8 = 0, opcode u8 = 0. Answer: version u8 = 0, opcode u8 = 128, result u16, epoch u32, address 4.
 *
 * <p>What is tolerated: bytes behind an answer are ignored. A refusal may end behind the epoch, as one for a version
 * that the gateway does not know does; its address, when there is one, has no meaning. A request has nothing behind it,
 * for longer ones belong to another opcode.
 */
public final class NatPmpCodec {
    /** The gateway's UDP port; PCP has the same (RFC 6886 section 3.1, RFC 6887 section 19.1). */
    public static final int PORT = 5351;

    private static final byte VERSION = 0;
    private static final byte OPCODE_ADDRESS = 0;
    private static final byte ANSWER = (byte) 128;
    private static final int REQUEST_LENGTH = 2;
    private static final int REFUSED_LENGTH = 8;
    private static final int ADDRESS_LENGTH = 12;

    private NatPmpCodec() {}

    /** Bytes that {@link #encode} writes. */
    public static int encodedLength(NatPmpMessage message) {
        return switch (message) {
            case AddressRequest() -> REQUEST_LENGTH;
            case Refused _ -> REFUSED_LENGTH;
            case Address _ -> ADDRESS_LENGTH;
        };
    }

    /** Writes {@code message} at {@code offset}; returns its length. */
    public static int encode(NatPmpMessage message, byte[] target, int offset) {
        target[offset] = VERSION;
        switch (message) {
            case AddressRequest() -> target[offset + 1] = OPCODE_ADDRESS;
            case Refused(int result, long epochSeconds) -> writeAnswer(result, epochSeconds, target, offset);
            case Address(long epochSeconds, Inet4Address address) -> {
                writeAnswer(NatPmpResult.SUCCESS.code, epochSeconds, target, offset);
                System.arraycopy(address.getAddress(), 0, target, offset + REFUSED_LENGTH, 4);
            }
        }
        return encodedLength(message);
    }

    /** The message in the {@code length} bytes at {@code offset}; null when they are none. */
    public static @Nullable NatPmpMessage decode(byte[] source, int offset, int length) {
        if (length < REQUEST_LENGTH || source[offset] != VERSION) {
            return null;
        }
        if (source[offset + 1] == OPCODE_ADDRESS) {
            return length == REQUEST_LENGTH ? new AddressRequest() : null;
        }
        if (source[offset + 1] != (ANSWER | OPCODE_ADDRESS) || length < REFUSED_LENGTH) {
            return null;
        }
        int result = Bytes.u16(source, offset + 2);
        long epochSeconds = Bytes.u32(source, offset + 4);
        if (result != NatPmpResult.SUCCESS.code) {
            return new Refused(result, epochSeconds);
        }
        return length < ADDRESS_LENGTH ? null : new Address(epochSeconds, Bytes.inet4(source, offset + REFUSED_LENGTH));
    }

    private static void writeAnswer(int result, long epochSeconds, byte[] target, int offset) {
        target[offset + 1] = ANSWER | OPCODE_ADDRESS;
        Bytes.putU16(target, offset + 2, result);
        Bytes.putU32(target, offset + 4, epochSeconds);
    }
}
