package dev.warren.protocol.stun;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.protocol.stun.StunAttribute.ErrorCode;
import dev.warren.protocol.stun.StunAttribute.MappedAddress;
import dev.warren.protocol.stun.StunAttribute.Software;
import dev.warren.protocol.stun.StunAttribute.XorMappedAddress;
import dev.warren.protocol.stun.StunClient.Retransmission;
import dev.warren.protocol.testing.Hex;
import dev.warren.protocol.testing.Seeds;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
final class StunClientTest {
    private static final long MILLI = 1_000_000;
    private static final long START = 77 * MILLI;
    private static final InetSocketAddress SERVER = new InetSocketAddress(InetAddress.ofLiteral("192.0.2.9"), 3478);
    private static final InetSocketAddress ME = new InetSocketAddress(InetAddress.ofLiteral("198.51.100.7"), 4711);

    private final TransactionId id = TransactionId.random(Seeds.random(3));

    @Test
    void shouldSendAtTheTimesOfTheRfcAndThenGiveUp() {
        assertEquals(
                List.of(0L, 500L, 1500L, 3500L, 7500L, 15500L, 31500L, 39500L), timesMillis(Retransmission.RFC_8489));
    }

    @Test
    void shouldProbeFasterAndGiveUpAfterThreeSeconds() {
        assertEquals(List.of(0L, 200L, 600L, 1400L, 3000L), timesMillis(Retransmission.PROBE));
    }

    @Test
    void shouldSendNothingBeforeTheDeadline() {
        StunClient client = client();
        assertNull(client.poll(START - 1));
        assertArrayEquals(BindingRequest.tailscale(id), client.poll(START));
        assertNull(client.poll(START + 200 * MILLI - 1));
        assertEquals(START + 200 * MILLI, client.nextDeadlineNanos());
    }

    @Test
    void shouldEndWithTheMappedAddress() {
        StunClient client = client();
        client.poll(START);
        byte[] answer = answer(id, new XorMappedAddress(ME));
        assertTrue(client.receive(answer, 0, answer.length, SERVER, START + 30 * MILLI));
        assertEquals(new StunClient.Answered(ME, 30 * MILLI, 1), client.state());
        assertEquals(Long.MAX_VALUE, client.nextDeadlineNanos());
        assertNull(client.poll(START + 10_000 * MILLI));
        assertFalse(client.receive(answer, 0, answer.length, SERVER, START + 31 * MILLI));
    }

    @Test
    void shouldMeasureFromTheFirstRequestWhenSeveralWereSent() {
        StunClient client = client();
        client.poll(START);
        client.poll(START + 200 * MILLI);
        byte[] answer = answer(id, new XorMappedAddress(ME));
        assertTrue(client.receive(answer, 0, answer.length, SERVER, START + 230 * MILLI));
        assertEquals(new StunClient.Answered(ME, 230 * MILLI, 2), client.state());
    }

    @Test
    void shouldPreferTheMaskedAddressAndTakeTheClearOneOtherwise() {
        assertEquals(
                new BindingAnswer.Mapped(id, ME),
                parse(answer(id, new MappedAddress(SERVER), new XorMappedAddress(ME))));
        assertEquals(new BindingAnswer.Mapped(id, SERVER), parse(answer(id, new MappedAddress(SERVER))));
    }

    @Test
    void shouldUnmapAnIpv4AddressInIpv6Form() {
        // What derper 1.102.5 sends to 1.2.3.4:254: family 2, ::ffff:1.2.3.4, masked with cookie and transaction.
        byte[] answer = Hex.bytes(
                "01010018" + "2112a442" + "0102030405060708090a0b0c",
                "00200014" + "0002" + "21ec",
                "2112a442" + "01020304" + "0506f8f7" + "08080808");
        assertEquals(
                new BindingAnswer.Mapped(
                        TransactionId.of(answer, 8), new InetSocketAddress(InetAddress.ofLiteral("1.2.3.4"), 254)),
                parse(answer));
    }

    @Test
    void shouldReportARefusal() {
        StunClient client = client();
        client.poll(START);
        byte[] error = StunCodec.encode(StunMessage.of(MessageType.BINDING_ERROR, id, new ErrorCode(400, "no")));
        assertTrue(client.receive(error, 0, error.length, SERVER, START + 1));
        assertEquals(new StunClient.Refused(400, "no"), client.state());
    }

    @Test
    void shouldIgnoreWhatIsNotTheAnswer() {
        StunClient client = client();
        byte[] right = answer(id, new XorMappedAddress(ME));
        assertFalse(client.receive(right, 0, right.length, SERVER, START), "nothing was asked yet");
        client.poll(START);
        byte[] otherId = answer(TransactionId.random(Seeds.random(4)), new XorMappedAddress(ME));
        assertFalse(client.receive(otherId, 0, otherId.length, SERVER, START));
        assertFalse(client.receive(right, 0, right.length, ME, START), "from elsewhere");
        byte[] echo = BindingRequest.tailscale(id);
        assertFalse(client.receive(echo, 0, echo.length, SERVER, START));
        byte[] empty = answer(id, new Software("x"));
        assertFalse(client.receive(empty, 0, empty.length, SERVER, START), "no address");
        byte[] portZero = answer(id, new XorMappedAddress(new InetSocketAddress(ME.getAddress(), 0)));
        assertFalse(client.receive(portZero, 0, portZero.length, SERVER, START), "port 0");
        byte[] noCode = StunCodec.encode(StunMessage.of(MessageType.BINDING_ERROR, id));
        assertFalse(client.receive(noCode, 0, noCode.length, SERVER, START), "error without a code");
        byte[] damaged = StunCodec.encode(StunMessage.of(
                MessageType.BINDING_SUCCESS, id, new XorMappedAddress(ME), new StunAttribute.Fingerprint(1)));
        assertFalse(client.receive(damaged, 0, damaged.length, SERVER, START), "wrong fingerprint");
        assertInstanceOf(StunClient.Waiting.class, client.state());
        assertTrue(client.receive(right, 0, right.length, SERVER, START));
    }

    @Test
    void shouldAgreeWithOurOwnResponder() {
        Seeds.forEach(100, random -> {
            InetSocketAddress me = StunSamples.address(random);
            byte[] request = BindingRequest.tailscale(TransactionId.random(random));
            StunClient client = new StunClient(SERVER, request, Retransmission.PROBE, START);
            byte[] sent = client.poll(START);
            BindingResponder responder = new BindingResponder();
            assertTrue(
                    sent != null && responder.handle(sent, 0, sent.length, me).isAnswered());
            boolean taken = client.receive(responder.response(), 0, responder.responseLength(), SERVER, START + 5);
            assertEquals(me.getPort() != 0, taken);
            if (taken) {
                assertEquals(new StunClient.Answered(me, 5, 1), client.state());
            }
        });
    }

    @Test
    void shouldRefuseTimesThatMakeNoSense() {
        assertThrows(IllegalArgumentException.class, () -> new Retransmission(0, 1, 1));
        assertThrows(IllegalArgumentException.class, () -> new Retransmission(1, 0, 1));
        assertThrows(IllegalArgumentException.class, () -> new Retransmission(1, 17, 1));
        assertThrows(IllegalArgumentException.class, () -> new Retransmission(1, 1, 0));
    }

    private StunClient client() {
        return new StunClient(SERVER, BindingRequest.tailscale(id), Retransmission.PROBE, START);
    }

    /** When requests go out, and last when the transaction gives up, counted from the start. */
    private List<Long> timesMillis(Retransmission retransmission) {
        StunClient client = new StunClient(SERVER, BindingRequest.plain(id), retransmission, START);
        List<Long> times = new ArrayList<>();
        while (client.nextDeadlineNanos() != Long.MAX_VALUE) {
            long now = client.nextDeadlineNanos();
            times.add((now - START) / MILLI);
            boolean sent = client.poll(now) != null;
            assertEquals(sent, client.state() instanceof StunClient.Waiting);
        }
        assertEquals(new StunClient.TimedOut(), client.state());
        return times;
    }

    private static byte[] answer(TransactionId id, StunAttribute... attributes) {
        return StunCodec.encode(StunMessage.of(MessageType.BINDING_SUCCESS, id, attributes));
    }

    private static BindingAnswer parse(byte[] bytes) {
        return Objects.requireNonNull(BindingAnswer.parse(bytes, 0, bytes.length));
    }
}
