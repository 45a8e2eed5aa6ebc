package dev.warren.protocol.stun;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.warren.protocol.stun.StunStream.Trouble;
import dev.warren.protocol.testing.Hex;
import dev.warren.protocol.testing.Seeds;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
final class StunStreamTest {
    private static final String HEADER = "2112a4420102030405060708090a0b0c";

    @Test
    void shouldCutWhateverThePieces() {
        Seeds.forEach(300, random -> {
            List<byte[]> sent = new ArrayList<>();
            ByteArrayOutputStream all = new ByteArrayOutputStream();
            for (int i = random.nextInt(1, 6); i > 0; i--) {
                StunMessage sample = StunSamples.message(random);
                byte[] message = StunCodec.encode(
                        new StunMessage(sample.type(), StunCodec.MAGIC_COOKIE, sample.id(), sample.attributes()));
                sent.add(message);
                all.writeBytes(message);
            }
            StunStream stream = new StunStream(65_556);
            List<byte[]> got = new ArrayList<>();
            byte[] bytes = all.toByteArray();
            for (int at = 0; at < bytes.length; ) {
                int piece = Math.min(bytes.length - at, random.nextInt(1, 60));
                feed(stream, Arrays.copyOfRange(bytes, at, at + piece), got);
                at += piece;
            }
            assertNull(stream.trouble());
            assertFalse(stream.isPartial());
            assertEquals(sent.size(), got.size());
            for (int i = 0; i < sent.size(); i++) {
                assertArrayEquals(sent.get(i), got.get(i));
            }
        });
    }

    @Test
    void shouldTakeNoMoreThanOneMessageAtATime() {
        StunStream stream = new StunStream(100);
        byte[] two = Hex.bytes("00010000" + HEADER + "00010000" + HEADER);
        assertEquals(20, stream.take(two, 0, two.length));
        assertTrue(stream.isComplete());
        assertEquals(20, stream.messageLength());
        assertEquals(0, stream.take(two, 20, 20), "the first is not used yet");
        stream.next();
        assertEquals(20, stream.take(two, 20, 20));
        assertTrue(stream.isComplete());
    }

    @Test
    void shouldKnowThatAMessageWasCutOff() {
        StunStream stream = new StunStream(100);
        assertFalse(stream.isPartial());
        byte[] bytes = Hex.bytes("00010008" + HEADER + "80220004");
        assertEquals(24, stream.take(bytes, 0, 24));
        assertTrue(stream.isPartial());
        assertFalse(stream.isComplete());
        assertThrows(IllegalStateException.class, stream::next);
    }

    @Test
    void shouldBreakAtWhatIsNotStun() {
        assertTrouble(Trouble.NOT_STUN, "80010000" + HEADER);
        assertTrouble(Trouble.NOT_STUN, "00010000" + "deadbeef0102030405060708090a0b0c");
        assertTrouble(Trouble.NOT_STUN, "00010003" + HEADER);
        assertTrouble(Trouble.NOT_STUN, "474554202f20485454502f312e310d0a0d0a2020"); // GET / HTTP/1.1
        assertTrouble(Trouble.TOO_LONG, "00010054" + HEADER);
        StunStream stream = new StunStream(100);
        byte[] justFits = Hex.bytes("00010050" + HEADER);
        assertEquals(20, stream.take(justFits, 0, 20));
        assertNull(stream.trouble());
        assertThrows(IllegalArgumentException.class, () -> new StunStream(19));
    }

    @FuzzTest(maxDuration = "5s")
    void shouldSurviveHostileBytes(byte[] bytes) {
        StunStream stream = new StunStream(256);
        List<byte[]> got = new ArrayList<>();
        feed(stream, bytes, got);
        for (byte[] message : got) {
            assertNull(StunCodec.checkHeader(message, 0, message.length));
        }
    }

    private static void assertTrouble(Trouble expected, String hex) {
        StunStream stream = new StunStream(100);
        byte[] bytes = Hex.bytes(hex);
        stream.take(bytes, 0, bytes.length);
        assertEquals(expected, stream.trouble());
        assertFalse(stream.isComplete());
        assertEquals(0, stream.take(bytes, 0, bytes.length), "nothing more");
    }

    private static void feed(StunStream stream, byte[] bytes, List<byte[]> got) {
        int at = 0;
        while (at < bytes.length && stream.trouble() == null) {
            at += stream.take(bytes, at, bytes.length - at);
            if (stream.isComplete()) {
                got.add(Arrays.copyOf(stream.message(), stream.messageLength()));
                stream.next();
            }
        }
    }
}
