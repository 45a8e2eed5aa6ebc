package dev.warren.loadtest.relay.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.warren.protocol.derp.Frame;
import dev.warren.protocol.derp.FrameCodec;
import dev.warren.protocol.derp.Payload;
import dev.warren.protocol.derp.ProtocolException;
import dev.warren.protocol.disco.DiscoEnvelope;
import dev.warren.protocol.key.NodePublicKey;
import dev.warren.protocol.testing.Seeds;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(30)
class InboundFramesTest {
    private static final NodePublicKey SOURCE = NodePublicKey.of(key());

    private final MemorySegment memory = Arena.ofAuto().allocate(1 << 21);
    private final Heard heard = new Heard();
    private final InboundFrames frames = new InboundFrames(heard);

    /** What came, as text. */
    private static final class Heard implements InboundFrames.Sink {
        final List<String> events = new ArrayList<>();

        @Override
        public void packet(InboundFrames packet) {
            events.add("packet " + packet.flow() + " " + packet.sequence() + " " + packet.sentNanos() + " "
                    + packet.size() + " " + Long.toHexString(packet.source()));
        }

        @Override
        public void stranger() {
            events.add("stranger");
        }

        @Override
        public void other(int type, MemorySegment source, long offset, int length) {
            events.add("other " + type + " " + Math.min(length, 94) + " "
                    + (length > 0 ? source.get(ValueLayout.JAVA_BYTE, offset) : "-"));
        }
    }

    @Test
    void shouldReadStampsInPlace() {
        take(packet(100, false, 3, 77, 123_456_789_012L));
        take(packet(62, true, 4, 78, 5));
        take(packet(24, false, 5, 79, 6));
        assertEquals(
                List.of(
                        "packet 3 77 123456789012 100 102030405060708",
                        "packet 4 78 5 62 102030405060708",
                        "packet 5 79 6 24 102030405060708"),
                heard.events);
    }

    @Test
    void shouldTellWhatIsNotOfTheLoad() {
        take(FrameCodec.encode(new Frame.RecvPacket(SOURCE, Payload.of(new byte[100]))));
        take(FrameCodec.encode(new Frame.RecvPacket(SOURCE, Payload.of(new byte[3]))));
        take(FrameCodec.encode(new Frame.KeepAlive()));
        take(FrameCodec.encode(new Frame.Ping(0x2A00_0000_0000_0000L)));
        take(FrameCodec.encode(new Frame.Health("x".repeat(300))));
        assertEquals(List.of("stranger", "stranger", "other 6 0 -", "other 18 8 42", "other 20 94 120"), heard.events);
    }

    @Test
    void shouldTellAPacketOnlyWhenItsLastByteIsThere() {
        byte[] bytes = packet(1400, false, 1, 2, 3);
        take(Arrays.copyOf(bytes, bytes.length - 1));
        assertEquals(List.of(), heard.events);
        take(Arrays.copyOfRange(bytes, bytes.length - 1, bytes.length));
        assertEquals(List.of("packet 1 2 3 1400 102030405060708"), heard.events);
    }

    /** However the stream is cut, the same comes out. */
    @Test
    void shouldNotCareHowTheStreamIsCut() {
        Seeds.forEach(200, random -> {
            ByteArrayOutputStream stream = new ByteArrayOutputStream();
            for (int i = 0; i < 40; i++) {
                int size = 24 + random.nextInt(random.nextInt(5) == 0 ? 65_000 : 200);
                stream.writeBytes(
                        switch (random.nextInt(6)) {
                            case 0 -> FrameCodec.encode(new Frame.KeepAlive());
                            case 1 -> FrameCodec.encode(new Frame.Health("y".repeat(random.nextInt(2000))));
                            case 2 -> FrameCodec.encode(new Frame.RecvPacket(SOURCE, Payload.of(new byte[size])));
                            default -> packet(size, size >= 62 && random.nextBoolean(), i, random.nextInt(), i);
                        });
            }
            byte[] bytes = stream.toByteArray();
            Heard whole = new Heard();
            feed(new InboundFrames(whole), bytes);
            Heard cut = new Heard();
            InboundFrames tested = new InboundFrames(cut);
            int at = 0;
            while (at < bytes.length) {
                int end = Math.min(bytes.length, at + 1 + random.nextInt(random.nextInt(3) == 0 ? 5000 : 50));
                feed(tested, Arrays.copyOfRange(bytes, at, end));
                at = end;
            }
            assertEquals(40, whole.events.size());
            assertEquals(whole.events, cut.events);
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"05ffffffff", "0500010021", "0600100001", "067fffffff", "050000001f"})
    void shouldRefuseImpossibleLengths(String hex) {
        byte[] head = java.util.HexFormat.of().parseHex(hex);
        assertThrows(ProtocolException.class, () -> take(Arrays.copyOf(head, 200)));
    }

    @Test
    void shouldOnlyGiveTheDeclaredErrorForRandomBytes() {
        Seeds.forEach(500, random -> {
            byte[] bytes = new byte[random.nextInt(2000)];
            random.nextBytes(bytes);
            for (int i = 0; i + 5 < bytes.length && random.nextInt(4) > 0; i += 200) {
                bytes[i] = 5;
                bytes[i + 1] = 0;
                bytes[i + 2] = 0;
                bytes[i + 3] = 0;
            }
            try {
                feed(new InboundFrames(new Heard()), bytes);
            } catch (ProtocolException declared) {
                // Mostly so.
            }
        });
    }

    @Test
    void shouldLookLikeDiscoWhenItShall() {
        byte[] disco = packet(62, true, 1, 2, 3);
        assertEquals(true, DiscoEnvelope.looksLike(disco, 37, 62));
        byte[] data = packet(62, false, 1, 2, 3);
        assertEquals(false, DiscoEnvelope.looksLike(data, 37, 62));
    }

    private static byte[] packet(int size, boolean disco, int flow, long sequence, long sentNanos) {
        MemorySegment packet = MemorySegment.ofArray(new byte[size]);
        if (disco) {
            Stamp.writeDisco(packet, 0);
        }
        Stamp.write(packet, disco ? Stamp.DISCO_BYTES : 0, flow, sequence, sentNanos);
        return FrameCodec.encode(new Frame.RecvPacket(SOURCE, Payload.of(packet.toArray(ValueLayout.JAVA_BYTE))));
    }

    private void take(byte[] bytes) {
        feed(frames, bytes);
    }

    private void feed(InboundFrames tested, byte[] bytes) {
        int kept = tested.restore(memory);
        MemorySegment.copy(bytes, 0, memory, ValueLayout.JAVA_BYTE, kept, bytes.length);
        tested.take(memory, kept + bytes.length);
    }

    private static byte[] key() {
        byte[] key = new byte[NodePublicKey.LENGTH];
        for (int i = 0; i < key.length; i++) {
            key[i] = (byte) (i + 1);
        }
        return key;
    }
}
