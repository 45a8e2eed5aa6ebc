package dev.warren.protocol.portmap;

import dev.warren.protocol.portmap.PcpMessage.AnnounceRequest;
import dev.warren.protocol.portmap.PcpMessage.Response;
import java.net.InetAddress;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * PCP's bytes, big-endian (RFC 6887 sections 7.1 and 7.2).
 *
 * <p>Request: version u8 = 2, R bit 0 and opcode (7 bits), reserved u16, lifetime u32, client address 16. Answer:
 * version u8 = 2, R bit 0x80 and opcode, reserved u8, result u8, lifetime u32, epoch u32, reserved 12.
 *
 * <p>What is tolerated: reserved fields may have any value, and what an answer's opcode brings behind the header is left
 * unread. A length over 1,100 or that is no multiple of four is no PCP (section 7). Requests of other opcodes than
 * ANNOUNCE are not understood.
 */
public final class PcpCodec {
    private static final byte VERSION = 2;
    private static final int OPCODE_ANNOUNCE = 0;
    private static final int ANSWER = 0x80;
    private static final int LENGTH = 24;
    private static final int MAX_LENGTH = 1100;
    private static final int CLIENT_PLACE = 8;

    private PcpCodec() {}

    /** Bytes that {@link #encode} writes. */
    public static int encodedLength(PcpMessage message) {
        return switch (message) {
            case AnnounceRequest _, Response _ -> LENGTH;
        };
    }

    /** Writes {@code message} at {@code offset}; returns its length. */
    public static int encode(PcpMessage message, byte[] target, int offset) {
        Arrays.fill(target, offset, offset + LENGTH, (byte) 0);
        target[offset] = VERSION;
        switch (message) {
            case AnnounceRequest(InetAddress client) -> Bytes.putInet16(target, offset + CLIENT_PLACE, client);
            case Response response -> {
                target[offset + 1] = (byte) (ANSWER | response.opcode());
                target[offset + 3] = (byte) response.result();
                Bytes.putU32(target, offset + 4, response.lifetimeSeconds());
                Bytes.putU32(target, offset + 8, response.epochSeconds());
            }
        }
        return LENGTH;
    }

    /** The message in the {@code length} bytes at {@code offset}; null when they are none. */
    public static @Nullable PcpMessage decode(byte[] source, int offset, int length) {
        if (length < LENGTH || length > MAX_LENGTH || length % 4 != 0 || source[offset] != VERSION) {
            return null;
        }
        int kind = Byte.toUnsignedInt(source[offset + 1]);
        if (kind == OPCODE_ANNOUNCE) {
            return new AnnounceRequest(Bytes.inet16(source, offset + CLIENT_PLACE));
        }
        if ((kind & ANSWER) == 0) {
            return null;
        }
        return new Response(
                kind & ~ANSWER,
                Byte.toUnsignedInt(source[offset + 3]),
                Bytes.u32(source, offset + 4),
                Bytes.u32(source, offset + 8));
    }
}
