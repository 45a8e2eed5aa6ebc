package dev.warren.platform.linux;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.protocol.testing.Seeds;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class NetlinkMessageTest {
    private static final byte[] GOLDEN = HexFormat.of()
            .parseHex(
                    "28000000" // length with the header, native order
                            + "1400" // type RTM_NEWADDR
                            + "0504" // flags REQUEST | ACK | CREATE
                            + "07000000" // sequence
                            + "00000000" // port: the kernel fills it in
                            + "02180000" // family, prefix length, flags, scope
                            + "03000000" // interface index
                            + "06000200" // attribute: 6 bytes, type 2
                            + "beef" // its value
                            + "0000" // padding
                            + "08000800" // attribute: 8 bytes, type 8; its value is the next message's room
                    );

    @Test
    void shouldEncodeHeaderFixedPartAndAttributes() {
        ByteBuffer body = NetlinkMessage.body(64);
        body.putInt(0x1802).putInt(3);
        NetlinkMessage.attribute(body, 2, new byte[] {(byte) 0xbe, (byte) 0xef});
        NetlinkMessage.attribute(body, 8, 0x01020304);
        byte[] message = NetlinkMessage.encode(0x14, 0x405, 7, body);
        assertArrayEquals(
                GOLDEN, Arrays.copyOf(message, GOLDEN.length), HexFormat.of().formatHex(message));
        assertEquals("04030201", HexFormat.of().formatHex(message, GOLDEN.length, message.length));
        assertEquals(message[0], message.length);
    }

    @Test
    void shouldDecodeWhatItEncoded() {
        ByteBuffer body = NetlinkMessage.body(64);
        body.putInt(1).putInt(2);
        NetlinkMessage.attribute(body, 3, new byte[] {'t', 'u', 'n', '0', 0});
        NetlinkMessage.attribute(body, 0x8004, 1280);
        byte[] one = NetlinkMessage.encode(16, 2, 9, body);
        byte[] two = Arrays.copyOf(one, 2 * one.length);
        System.arraycopy(one, 0, two, one.length, one.length);

        List<NetlinkMessage> messages = NetlinkMessage.decode(two, two.length);
        assertEquals(2, messages.size());
        for (NetlinkMessage message : messages) {
            assertEquals(16, message.type());
            assertEquals(2, message.flags());
            assertEquals(9, message.sequence());
            Map<Integer, byte[]> attributes = message.attributes(8);
            assertEquals("tun0", NetlinkMessage.text(attributes, 3));
            assertEquals(1280, NetlinkMessage.intValue(attributes, 4, -1));
            assertEquals(-1, NetlinkMessage.intValue(attributes, 5, -1));
            assertEquals("", NetlinkMessage.text(attributes, 5));
        }
    }

    @Test
    void shouldStopAtWhatDoesNotHoldTogether() {
        byte[] whole = NetlinkMessage.encode(16, 0, 1, NetlinkMessage.body(8).putInt(1));
        for (int length = 0; length < whole.length; length++) {
            assertEquals(List.of(), NetlinkMessage.decode(whole, length));
        }
        assertEquals(1, NetlinkMessage.decode(whole, whole.length).size());
    }

    @Test
    void shouldTakeAnyBytesWithoutFailing() {
        Seeds.forEach(5000, random -> {
            byte[] bytes = new byte[random.nextInt(96)];
            random.nextBytes(bytes);
            for (int at = 0; at < bytes.length && random.nextBoolean(); at += 4) {
                bytes[at] = (byte) random.nextInt(40);
                bytes[Math.min(bytes.length - 1, at + 1)] = 0;
            }
            for (NetlinkMessage message : NetlinkMessage.decode(bytes, bytes.length)) {
                message.attributes(random.nextInt(20)).forEach((type, value) -> {
                    assertTrue(value.length < bytes.length);
                    NetlinkMessage.text(Map.of(type, value), type);
                    NetlinkMessage.intValue(Map.of(type, value), type, 0);
                });
            }
        });
    }
}
