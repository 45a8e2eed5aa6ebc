package dev.warren.protocol.derp;

import dev.warren.protocol.key.NodePublicKey;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * DERP frames to bytes and back. Tolerance: bytes behind the fields that are known are ignored wherever the type's
 * maximum length allows some; PEER_GONE without a reason is one of old servers and means "disconnected"; PEER_PRESENT
 * may end behind any of its fields.
 */
public final class FrameCodec {
    /** What a SERVER_KEY starts with: "DERP" and U+1F511. */
    private static final byte[] MAGIC = "DERP\ud83d\udd11".getBytes(StandardCharsets.UTF_8);

    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);
    private static final int KEY = NodePublicKey.LENGTH;
    private static final int IP_LENGTH = 16;
    private static final long UINT_MAX = 0xffff_ffffL;

    private FrameCodec() {}

    /** How many bytes {@link #encode} gives, header included. */
    public static int encodedLength(Frame frame) {
        return Frame.HEADER_LENGTH + payloadLength(frame);
    }

    /** The frame with its header. */
    public static byte[] encode(Frame frame) {
        byte[] bytes = new byte[encodedLength(frame)];
        int length = bytes.length - Frame.HEADER_LENGTH;
        writeHeader(frame.type(), length, bytes, 0);
        writePayload(frame, bytes, Frame.HEADER_LENGTH);
        return bytes;
    }

    /** Writes the five bytes in front of a payload of {@code length} bytes. */
    public static void writeHeader(FrameType type, int length, byte[] target, int offset) {
        target[offset] = (byte) type.code();
        INT.set(target, offset + 1, length);
    }

    /** The length of the payload, 0 to 2^32-1, that the header at {@code offset} gives. */
    public static long payloadLength(byte[] header, int offset) {
        return uint(header, offset + 1);
    }

    /**
     * Reads the one frame that the {@code length} bytes at {@code offset} are; throws {@link ProtocolException} when
     * they are no frame, more than one, or part of one.
     */
    public static Frame decode(byte[] buffer, int offset, int length) {
        if (length < Frame.HEADER_LENGTH) {
            throw new ProtocolException(
                    ProtocolException.Reason.FRAME_TOO_SHORT, length + " bytes are less than a frame's header");
        }
        FrameType type = FrameType.ofCode(buffer[offset] & 0xff);
        if (type == null) {
            throw new ProtocolException(
                    ProtocolException.Reason.UNEXPECTED_FRAME, "no frame has the type " + (buffer[offset] & 0xff));
        }
        long said = payloadLength(buffer, offset);
        int real = length - Frame.HEADER_LENGTH;
        if (said != real) {
            throw new ProtocolException(
                    said > real ? ProtocolException.Reason.FRAME_TOO_SHORT : ProtocolException.Reason.FRAME_TOO_LONG,
                    type + " says it has " + said + " bytes, but has " + real);
        }
        return decodePayload(type, buffer, offset + Frame.HEADER_LENGTH, real);
    }

    /** Reads a frame whose header was read already; throws {@link ProtocolException}. */
    public static Frame decodePayload(FrameType type, byte[] buffer, int offset, int length) {
        type.check(length);
        return switch (type) {
            case SERVER_KEY -> serverKey(buffer, offset);
            case CLIENT_INFO -> new Frame.ClientHello(key(buffer, offset), rest(buffer, offset, length, KEY));
            case SERVER_INFO -> new Frame.ServerHello(rest(buffer, offset, length, 0));
            case SEND_PACKET -> new Frame.SendPacket(key(buffer, offset), rest(buffer, offset, length, KEY));
            case RECV_PACKET -> new Frame.RecvPacket(key(buffer, offset), rest(buffer, offset, length, KEY));
            case KEEP_ALIVE -> new Frame.KeepAlive();
            case NOTE_PREFERRED -> new Frame.NotePreferred(buffer[offset] != 0);
            case PEER_GONE -> new Frame.PeerGone(key(buffer, offset), reason(buffer, offset, length));
            case PEER_PRESENT -> peerPresent(buffer, offset, length);
            case FORWARD_PACKET ->
                new Frame.ForwardPacket(
                        key(buffer, offset), key(buffer, offset + KEY), rest(buffer, offset, length, 2 * KEY));
            case WATCH_CONNS -> new Frame.WatchConns();
            case CLOSE_PEER -> new Frame.ClosePeer(key(buffer, offset));
            case PING -> new Frame.Ping((long) LONG.get(buffer, offset));
            case PONG -> new Frame.Pong((long) LONG.get(buffer, offset));
            case HEALTH -> new Frame.Health(new String(buffer, offset, length, StandardCharsets.UTF_8));
            case RESTARTING -> new Frame.Restarting(uint(buffer, offset), uint(buffer, offset + Integer.BYTES));
        };
    }

    private static int payloadLength(Frame frame) {
        return switch (frame) {
            case Frame.ServerKey _ -> MAGIC.length + KEY;
            case Frame.ClientHello hello -> KEY + hello.box().length();
            case Frame.ServerHello hello -> hello.box().length();
            case Frame.SendPacket send -> KEY + send.packet().length();
            case Frame.RecvPacket received -> KEY + received.packet().length();
            case Frame.KeepAlive _, Frame.WatchConns _ -> 0;
            case Frame.NotePreferred _ -> 1;
            case Frame.PeerGone _ -> KEY + 1;
            case Frame.PeerPresent _ -> KEY + IP_LENGTH + Short.BYTES + 1;
            case Frame.ForwardPacket forward -> 2 * KEY + forward.packet().length();
            case Frame.ClosePeer _ -> KEY;
            case Frame.Ping _, Frame.Pong _, Frame.Restarting _ -> Long.BYTES;
            case Frame.Health health -> health.problem().getBytes(StandardCharsets.UTF_8).length;
        };
    }

    private static void writePayload(Frame frame, byte[] target, int offset) {
        switch (frame) {
            case Frame.ServerKey server -> {
                System.arraycopy(MAGIC, 0, target, offset, MAGIC.length);
                server.key().copyTo(target, offset + MAGIC.length);
            }
            case Frame.ClientHello hello -> writeKeyed(hello.key(), hello.box(), target, offset);
            case Frame.ServerHello hello -> hello.box().copyTo(target, offset);
            case Frame.SendPacket send -> writeKeyed(send.destination(), send.packet(), target, offset);
            case Frame.RecvPacket received -> writeKeyed(received.source(), received.packet(), target, offset);
            case Frame.KeepAlive _, Frame.WatchConns _ -> {}
            case Frame.NotePreferred preferred -> target[offset] = (byte) (preferred.home() ? 1 : 0);
            case Frame.PeerGone gone -> {
                gone.key().copyTo(target, offset);
                target[offset + KEY] = (byte) gone.reason().code();
            }
            case Frame.PeerPresent present -> writePresent(present, target, offset);
            case Frame.ForwardPacket forward -> {
                forward.source().copyTo(target, offset);
                writeKeyed(forward.destination(), forward.packet(), target, offset + KEY);
            }
            case Frame.ClosePeer close -> close.key().copyTo(target, offset);
            case Frame.Ping ping -> LONG.set(target, offset, ping.data());
            case Frame.Pong pong -> LONG.set(target, offset, pong.data());
            case Frame.Health health -> {
                byte[] text = health.problem().getBytes(StandardCharsets.UTF_8);
                System.arraycopy(text, 0, target, offset, text.length);
            }
            case Frame.Restarting restarting -> {
                INT.set(target, offset, (int) restarting.reconnectInMillis());
                INT.set(target, offset + Integer.BYTES, (int) restarting.tryForMillis());
            }
        }
    }

    private static void writeKeyed(NodePublicKey key, Payload rest, byte[] target, int offset) {
        key.copyTo(target, offset);
        rest.copyTo(target, offset + KEY);
    }

    private static Frame serverKey(byte[] buffer, int offset) {
        if (!Arrays.equals(buffer, offset, offset + MAGIC.length, MAGIC, 0, MAGIC.length)) {
            throw new ProtocolException(
                    ProtocolException.Reason.BAD_MAGIC, "the server's first frame does not start with DERP's magic");
        }
        return new Frame.ServerKey(key(buffer, offset + MAGIC.length));
    }

    private static PeerGoneReason reason(byte[] buffer, int offset, int length) {
        return length > KEY ? PeerGoneReason.ofCode(buffer[offset + KEY] & 0xff) : PeerGoneReason.DISCONNECTED;
    }

    private static Frame peerPresent(byte[] buffer, int offset, int length) {
        int portAt = offset + KEY + IP_LENGTH;
        int flagsAt = portAt + Short.BYTES;
        InetSocketAddress address = null;
        if (offset + length >= flagsAt) {
            int port = ((buffer[portAt] & 0xff) << 8) | (buffer[portAt + 1] & 0xff);
            // A v4-mapped address comes out as IPv4. The zero address stands for "not known".
            InetAddress ip = address(Arrays.copyOfRange(buffer, offset + KEY, portAt));
            address = ip.isAnyLocalAddress() && port == 0 ? null : new InetSocketAddress(ip, port);
        }
        int flags = offset + length > flagsAt ? buffer[flagsAt] & 0xff : 0;
        return new Frame.PeerPresent(key(buffer, offset), address, flags);
    }

    private static void writePresent(Frame.PeerPresent present, byte[] target, int offset) {
        present.key().copyTo(target, offset);
        int ipAt = offset + KEY;
        Arrays.fill(target, ipAt, ipAt + IP_LENGTH + Short.BYTES, (byte) 0);
        InetSocketAddress address = present.address();
        if (address != null) {
            byte[] ip = address.getAddress().getAddress();
            if (ip.length < IP_LENGTH) {
                target[ipAt + 10] = (byte) 0xff;
                target[ipAt + 11] = (byte) 0xff;
            }
            System.arraycopy(ip, 0, target, ipAt + IP_LENGTH - ip.length, ip.length);
            target[ipAt + IP_LENGTH] = (byte) (address.getPort() >> 8);
            target[ipAt + IP_LENGTH + 1] = (byte) address.getPort();
        }
        target[ipAt + IP_LENGTH + Short.BYTES] = (byte) present.flags();
    }

    private static InetAddress address(byte[] ip) {
        try {
            return InetAddress.getByAddress(ip);
        } catch (UnknownHostException impossible) {
            throw new AssertionError("16 bytes are an address", impossible);
        }
    }

    private static NodePublicKey key(byte[] buffer, int offset) {
        return NodePublicKey.of(buffer, offset);
    }

    private static Payload rest(byte[] buffer, int offset, int length, int skipped) {
        return Payload.of(buffer, offset + skipped, length - skipped);
    }

    private static long uint(byte[] buffer, int offset) {
        return (int) INT.get(buffer, offset) & UINT_MAX;
    }
}
