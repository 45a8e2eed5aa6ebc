package dev.warren.relay.client;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.warren.protocol.derp.Frame;
import dev.warren.protocol.derp.FrameCodec;
import dev.warren.protocol.derp.Payload;
import dev.warren.protocol.key.NodePublicKey;
import dev.warren.protocol.testing.Seeds;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class PacketsTest {
    private final NodePublicKey sender = NodePublicKey.parseHex("aa".repeat(32));
    private final NodePublicKey destination = NodePublicKey.parseHex("dd".repeat(32));

    @Test
    void shouldMakeASentFrameTheReceivedOneInPlace() {
        byte[] packet = new byte[1 + Seeds.random(2).nextInt(1420)];
        Seeds.random(3).nextBytes(packet);
        Payload payload = Payload.of(packet, 0, packet.length);
        ByteBuf buffer = Unpooled.buffer()
                .writeZero(7)
                .writeBytes(FrameCodec.encode(new Frame.SendPacket(destination, payload)))
                .writeZero(9);
        byte[] expected = FrameCodec.encode(new Frame.RecvPacket(sender, payload));

        Packets.readdress(buffer, 7, sender.bytes());

        assertEquals(
                HexFormat.of().formatHex(new byte[7])
                        + HexFormat.of().formatHex(expected)
                        + HexFormat.of().formatHex(new byte[9]),
                ByteBufUtil.hexDump(buffer));
    }

    @Test
    void shouldMakeTheEndOfAForwardedFrameTheReceivedOneInPlace() {
        byte[] packet = new byte[Seeds.random(2).nextInt(1420)];
        Seeds.random(3).nextBytes(packet);
        Payload payload = Payload.of(packet, 0, packet.length);
        byte[] frame = FrameCodec.encode(new Frame.ForwardPacket(sender, destination, payload));
        ByteBuf buffer = Unpooled.buffer().writeZero(7).writeBytes(frame).writeZero(9);
        byte[] expected = FrameCodec.encode(new Frame.RecvPacket(sender, payload));

        Packets.unwrapForwarded(buffer, 7, frame.length);

        assertEquals(
                HexFormat.of().formatHex(expected),
                ByteBufUtil.hexDump(buffer, 7 + NodePublicKey.LENGTH, expected.length));
        assertEquals(0, buffer.getUnsignedByte(7 + frame.length));
    }
}
