package dev.warren.loadtest.stun;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.protocol.stun.BindingResponder;
import dev.warren.protocol.stun.MessageType;
import dev.warren.protocol.stun.StunAttribute;
import dev.warren.protocol.stun.StunAttribute.MappedAddress;
import dev.warren.protocol.stun.StunAttribute.Raw;
import dev.warren.protocol.stun.StunAttribute.Software;
import dev.warren.protocol.stun.StunAttribute.XorMappedAddress;
import dev.warren.protocol.stun.StunCodec;
import dev.warren.protocol.stun.StunIntegrity;
import dev.warren.protocol.stun.StunMessage;
import dev.warren.protocol.stun.TransactionId;
import dev.warren.protocol.testing.Seeds;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(30)
final class AnswerCheckTest {
    private static final int PREFIX = 0x01020304;
    private static final int SOCKET = 7;
    private static final int SEQUENCE = 0xfedcba98;
    private static final TransactionId ID = new TransactionId((long) PREFIX << 32 | SOCKET, SEQUENCE);
    private static final InetSocketAddress IPV4 = address("127.0.0.1", 54321);
    private static final InetSocketAddress IPV6 = address("2001:db8::7:8", 54321);

    private final byte[] buffer = new byte[Engine.SLOT_BYTES];

    @ParameterizedTest
    @EnumSource
    void shouldAcceptWhatOurResponderSays(RequestForm form) {
        for (InetSocketAddress own : new InetSocketAddress[] {IPV4, IPV6}) {
            assertNull(check(own, answer(form, own)), own + " " + form);
            assertNotNull(check(own.equals(IPV4) ? IPV6 : IPV4, answer(form, own)));
        }
    }

    @Test
    void shouldKnowWhichRequestIsAnswered() {
        AnswerCheck check = put(IPV4, answer(RequestForm.PLAIN, IPV4));
        assertNull(check.checkHeader(32));
        assertEquals(SEQUENCE, check.sequence());
    }

    @Test
    void shouldAcceptMoreAttributesAndAFingerprint() {
        StunMessage message = StunMessage.of(
                MessageType.BINDING_SUCCESS,
                ID,
                new Software("some server"),
                new MappedAddress(IPV4),
                new XorMappedAddress(IPV4),
                new XorMappedAddress(IPV6));
        assertNull(check(IPV4, StunCodec.encode(message)));
        byte[] sealed = StunCodec.encode(StunIntegrity.withFingerprint(message));
        assertNull(check(IPV4, sealed));
        sealed[sealed.length - 1] ^= 1;
        assertEquals(Wrong.FINGERPRINT, check(IPV4, sealed));
    }

    @Test
    void shouldSayWhatIsWrong() {
        assertEquals(Wrong.NOT_STUN, check(IPV4, new byte[0]));
        assertEquals(Wrong.NOT_STUN, check(IPV4, new byte[40]));
        byte[] right = answer(RequestForm.PLAIN, IPV4);
        assertEquals(Wrong.NOT_STUN, check(IPV4, Arrays.copyOf(right, right.length + 4)));
        assertEquals(Wrong.WRONG_ADDRESS, check(address("127.0.0.2", IPV4.getPort()), right));
        assertEquals(Wrong.WRONG_ADDRESS, check(address("127.0.0.1", IPV4.getPort() + 1), right));
        assertEquals(Wrong.WRONG_ADDRESS, check(IPV6, right));
        assertEquals(Wrong.NO_ADDRESS, check(IPV4, message(MessageType.BINDING_SUCCESS, new MappedAddress(IPV4))));
        assertEquals(Wrong.REFUSED, check(IPV4, message(MessageType.BINDING_ERROR)));
        assertEquals(Wrong.OTHER_TYPE, check(IPV4, message(MessageType.BINDING_REQUEST)));
        assertEquals(
                Wrong.FINGERPRINT,
                check(
                        IPV4,
                        message(
                                MessageType.BINDING_SUCCESS,
                                new XorMappedAddress(IPV4),
                                new Raw(0x8028, new byte[8]))));
        byte[] broken = right.clone();
        broken[23] = 16;
        assertEquals(Wrong.BROKEN, check(IPV4, broken));
    }

    @Test
    void shouldNotTakeTheAnswerToAnother() {
        byte[] right = answer(RequestForm.PLAIN, IPV4);
        for (int at = 8; at < 16; at++) {
            byte[] other = right.clone();
            other[at] ^= 0x10;
            assertEquals(Wrong.UNKNOWN_ID, check(IPV4, other));
        }
    }

    /** All bits count but those of the request's number, which the ring checks, and of a byte that may be anything. */
    @Test
    void shouldNoticeEachFlippedBit() {
        for (InetSocketAddress own : new InetSocketAddress[] {IPV4, IPV6}) {
            byte[] right = answer(RequestForm.PLAIN, own);
            for (int bit = 0; bit < right.length * 8; bit++) {
                int at = bit / 8;
                byte[] flipped = right.clone();
                flipped[at] ^= (byte) (1 << bit % 8);
                boolean free = at == 24 || (own.equals(IPV4) && at >= 16 && at < 20);
                assertEquals(free, check(own, flipped) == null, "bit " + bit + " for " + own);
            }
        }
    }

    @Test
    void shouldTakeAnyBytes() {
        Seeds.forEach(2000, random -> {
            byte[] bytes = answer(RequestForm.TAILSCALE, IPV6);
            int cut = random.nextInt(4) == 0 ? (4 + random.nextInt(bytes.length - 4)) & ~3 : bytes.length;
            for (int i = random.nextInt(6); i > 0; i--) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
            }
            byte[] received = Arrays.copyOf(bytes, cut);
            received[3] = (byte) Math.max(0, cut - StunCodec.HEADER_LENGTH);
            Wrong wrong = check(IPV6, received);
            assertTrue(wrong != null || cut == bytes.length, () -> "right although cut to " + cut);
        });
    }

    private @Nullable Wrong check(InetSocketAddress own, byte[] answer) {
        AnswerCheck check = put(own, answer);
        Wrong header = check.checkHeader(answer.length);
        return header == null ? check.check(answer.length) : header;
    }

    private AnswerCheck put(InetSocketAddress own, byte[] answer) {
        System.arraycopy(answer, 0, buffer, 0, answer.length);
        return new AnswerCheck(buffer, PREFIX, SOCKET, own);
    }

    private static byte[] message(MessageType type, StunAttribute... attributes) {
        return StunCodec.encode(StunMessage.of(type, ID, attributes));
    }

    private static byte[] answer(RequestForm form, InetSocketAddress source) {
        byte[] request = form.bytes(ID);
        BindingResponder responder = new BindingResponder();
        assertTrue(responder.handle(request, 0, request.length, source).isAnswered());
        return Arrays.copyOf(responder.response(), responder.responseLength());
    }

    private static InetSocketAddress address(String ip, int port) {
        return new InetSocketAddress(InetAddress.ofLiteral(ip), port);
    }
}
