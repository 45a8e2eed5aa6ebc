package dev.warren.protocol.stun;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.warren.protocol.stun.StunAttribute.ErrorCode;
import dev.warren.protocol.stun.StunAttribute.Raw;
import dev.warren.protocol.stun.StunClient.Retransmission;
import dev.warren.protocol.testing.Hex;
import dev.warren.protocol.testing.Seeds;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** RFC 8489 section 9: the server's and the client's side against one another, and each against bytes made by hand. */
@Timeout(30)
final class CredentialTest {
    private static final InetSocketAddress SERVER = socket("192.0.2.9", 3478);
    private static final InetSocketAddress ME = socket("198.51.100.7", 4711);
    private static final String USER = "alice";
    private static final String PASSWORD = "correct horse";
    private static final String REALM = "example.org";

    private final RandomGenerator random = Seeds.random(9);
    private long nowNanos = 5_000_000_000L;
    private final StunNonces nonces = new StunNonces(random, Duration.ofMinutes(10), () -> nowNanos);
    private final BindingResponder longTerm =
            responder(new StunCredentials.LongTerm(REALM, Map.of(USER, PASSWORD), nonces));
    private final BindingResponder shortTerm = responder(new StunCredentials.ShortTerm(Map.of(USER, PASSWORD)));
    private final List<Disposition> dispositions = new ArrayList<>();

    @Test
    void shouldAnswerALongTermUserAfterAChallenge() {
        CredentialSession session = CredentialSession.longTerm(USER, PASSWORD);
        assertEquals(new StunClient.Answered(ME, 0, 1), ask(longTerm, session).state());
        assertEquals(List.of(Disposition.REFUSED_UNAUTHENTICATED, Disposition.ANSWERED_RFC8489), dispositions);
        byte[] key = StunIntegrity.longTermKey("SHA-256", USER, REALM, PASSWORD);
        assertTrue(StunIntegrity.hasIntegritySha256(longTerm.response(), 0, longTerm.responseLength(), key));
        assertTrue(StunIntegrity.hasFingerprint(longTerm.response(), 0, longTerm.responseLength()));
        dispositions.clear();
        assertEquals(new StunClient.Answered(ME, 0, 1), ask(longTerm, session).state());
        assertEquals(List.of(Disposition.ANSWERED_RFC8489), dispositions, "the session remembers the challenge");
    }

    @Test
    void shouldNotSendTheUsersNameInTheClear() {
        CredentialSession session = CredentialSession.longTerm(USER, PASSWORD);
        ask(longTerm, session);
        StunMessage request = decode(session.seal(StunMessage.of(MessageType.BINDING_REQUEST, id())));
        assertNull(request.raw(AttributeType.USERNAME));
        assertArrayEquals(StunIntegrity.userHash(USER, REALM), request.raw(AttributeType.USERHASH));
    }

    @Test
    void shouldRefuseAWrongPasswordAndGiveUp() {
        CredentialClient client = ask(longTerm, CredentialSession.longTerm(USER, "wrong"));
        assertEquals(new StunClient.Refused(401, "Unauthenticated"), client.state());
        assertEquals(List.of(Disposition.REFUSED_UNAUTHENTICATED, Disposition.REFUSED_UNAUTHENTICATED), dispositions);
        assertEquals(
                new StunClient.Refused(401, "Unauthenticated"),
                ask(longTerm, CredentialSession.longTerm("mallory", PASSWORD)).state());
    }

    @Test
    void shouldGetAFreshNonceWhenTheOldOneIsStale() {
        CredentialSession session = CredentialSession.longTerm(USER, PASSWORD);
        ask(longTerm, session);
        dispositions.clear();
        nowNanos += Duration.ofMinutes(10).toNanos();
        assertInstanceOf(StunClient.Answered.class, ask(longTerm, session).state());
        assertEquals(List.of(Disposition.REFUSED_STALE_NONCE, Disposition.ANSWERED_RFC8489), dispositions);
    }

    @Test
    void shouldGiveUpOnAServerThatFindsEveryNonceStale() {
        UnaryOperator<byte[]> stale = answer -> decode(answer).type().equals(MessageType.BINDING_SUCCESS)
                ? StunCodec.encode(challenge(decode(answer).id(), 438, nonces.make(new byte[4], 1)))
                : answer;
        CredentialClient client = ask(longTerm, CredentialSession.longTerm(USER, PASSWORD), stale);
        assertEquals(
                438, assertInstanceOf(StunClient.Refused.class, client.state()).code());
        assertEquals(4, dispositions.size());
    }

    @Test
    void shouldTakeANonceOnlyFromWhoeverGotIt() {
        byte[] nonce = nonces.make(new byte[] {1, 2, 3, 4}, 99);
        assertTrue(nonces.isValid(nonce, new byte[] {1, 2, 3, 4}, 99));
        assertFalse(nonces.isValid(nonce, new byte[] {1, 2, 3, 5}, 99));
        assertFalse(nonces.isValid(nonce, new byte[] {1, 2, 3, 4}, 98));
        StunNonces others = new StunNonces(random, Duration.ofMinutes(10), () -> nowNanos);
        assertFalse(others.isValid(nonce, new byte[] {1, 2, 3, 4}, 99), "another key");
        for (int i = 0; i < nonce.length; i++) {
            byte[] changed = nonce.clone();
            changed[i] ^= 2;
            assertFalse(nonces.isValid(changed, new byte[] {1, 2, 3, 4}, 99), "byte " + i);
            assertFalse(nonces.isValid(Arrays.copyOf(nonce, i), new byte[] {1, 2, 3, 4}, 99), "only " + i);
        }
        nowNanos += Duration.ofMinutes(10).toNanos() - 1;
        assertTrue(nonces.isValid(nonce, new byte[] {1, 2, 3, 4}, 99));
        nowNanos++;
        assertFalse(nonces.isValid(nonce, new byte[] {1, 2, 3, 4}, 99));
    }

    @Test
    void shouldChallengeWithEverythingThatIsOffered() {
        byte[] request = BindingRequest.tailscale(id());
        assertEquals(Disposition.REFUSED_UNAUTHENTICATED, handle(longTerm, request));
        StunMessage answer = decode(response(longTerm));
        assertEquals(new ErrorCode(401, "Unauthenticated"), answer.attributes().getFirst());
        assertArrayEquals(REALM.getBytes(StandardCharsets.US_ASCII), answer.raw(AttributeType.REALM));
        assertArrayEquals(Hex.bytes("0002000000010000"), answer.raw(AttributeType.PASSWORD_ALGORITHMS));
        byte[] nonce = answer.raw(AttributeType.NONCE);
        assertNotNull(nonce);
        assertEquals("obMatJos2wAAD", new String(nonce, 0, NonceCookie.LENGTH, StandardCharsets.US_ASCII));
    }

    @Test
    void shouldReadTheCookieInBothOrdersOfItsBits() {
        assertTrue(NonceCookie.offersPasswordAlgorithms(ascii("obMatJos2gAAAx")), "as section 9.2 says");
        assertTrue(NonceCookie.offersPasswordAlgorithms(ascii("obMatJos2AAAB")), "as appendix B.1 does");
        assertTrue(NonceCookie.offersUsernameAnonymity(ascii("obMatJos2QAAA")));
        assertTrue(NonceCookie.offersUsernameAnonymity(ascii("obMatJos2AAAC")));
        for (String none : List.of("", "obMatJos2", "obMatJos2AAAA", "obMatJos2AA", "obMatJos2A-==", "obMatJos3gAAA")) {
            assertFalse(NonceCookie.offersPasswordAlgorithms(ascii(none)), none);
            assertFalse(NonceCookie.offersUsernameAnonymity(ascii(none)), none);
        }
    }

    @Test
    void shouldServeAClientOfRfc5389() {
        byte[] nonce = nonces.make(ME.getAddress().getAddress(), ME.getPort());
        byte[] key = StunIntegrity.longTermKey("MD5", USER, REALM, PASSWORD);
        StunMessage request = named(raw(AttributeType.USERNAME, USER), nonce);
        assertEquals(
                Disposition.ANSWERED_RFC8489,
                handle(longTerm, StunCodec.encode(StunIntegrity.withIntegrity(request, key))));
        byte[] answer = response(longTerm);
        assertTrue(StunIntegrity.hasIntegrity(answer, 0, answer.length, key));
        assertNull(decode(answer).raw(AttributeType.MESSAGE_INTEGRITY_SHA256));
    }

    @Test
    void shouldSealARefusalToAKnownUser() {
        byte[] nonce = nonces.make(ME.getAddress().getAddress(), ME.getPort());
        byte[] key = StunIntegrity.longTermKey("MD5", USER, REALM, PASSWORD);
        StunMessage request =
                named(raw(AttributeType.USERNAME, USER), nonce).with(Raw.of(AttributeType.PRIORITY, new byte[4]));
        assertEquals(
                Disposition.REFUSED_UNKNOWN_ATTRIBUTE,
                handle(longTerm, StunCodec.encode(StunIntegrity.withIntegrity(request, key))));
        assertTrue(StunIntegrity.hasIntegrity(response(longTerm), 0, response(longTerm).length, key));
    }

    @Test
    void shouldFindWhatIsMissingAndWhatContradicts() {
        byte[] nonce = nonces.make(ME.getAddress().getAddress(), ME.getPort());
        byte[] key = StunIntegrity.longTermKey("SHA-256", USER, REALM, PASSWORD);
        Raw offer = Raw.of(AttributeType.PASSWORD_ALGORITHMS, PasswordAlgorithm.encodeAll());
        Raw choice = Raw.of(AttributeType.PASSWORD_ALGORITHM, PasswordAlgorithm.SHA_256.encode());
        StunMessage whole =
                named(raw(AttributeType.USERNAME, USER), nonce).with(offer).with(choice);
        assertEquals(Disposition.ANSWERED_RFC8489, sealed(whole, key));
        for (AttributeType type : List.of(
                AttributeType.USERNAME,
                AttributeType.REALM,
                AttributeType.NONCE,
                AttributeType.PASSWORD_ALGORITHM,
                AttributeType.PASSWORD_ALGORITHMS)) {
            assertEquals(Disposition.REFUSED_BAD_REQUEST, sealed(without(whole, type), key), type::toString);
            assertEquals(1, decode(response(longTerm)).attributes().size());
        }
        StunMessage bare = without(without(whole, AttributeType.PASSWORD_ALGORITHM), AttributeType.PASSWORD_ALGORITHMS);
        Raw weaker = Raw.of(AttributeType.PASSWORD_ALGORITHMS, PasswordAlgorithm.MD5.encode());
        assertEquals(Disposition.REFUSED_BAD_REQUEST, sealed(bare.with(weaker).with(choice), key), "bid down");
        Raw strange = Raw.of(AttributeType.PASSWORD_ALGORITHM, Hex.bytes("00090000"));
        assertEquals(Disposition.REFUSED_BAD_REQUEST, sealed(bare.with(offer).with(strange), key));
        assertEquals(Disposition.REFUSED_UNAUTHENTICATED, sealed(whole, new byte[] {1}));
    }

    @Test
    void shouldTakeTheLongTermRequestsOfTheRfcs() {
        // RFC 5769 section 2.4; its nonce is not ours, which is noticed only once the seal is found to be right.
        byte[] old = Hex.bytes(
                "000100602112a44278ad3433c6ad72c029da412e00060012e3839ee38388e383aae38383e382afe382b9",
                "00000015001c662f2f3439396b39353464364f4c33346f4c394653547679363473410014000b6578616d",
                "706c652e6f72670000080014f67024656dd64a3e02b8e0712e85c9a28ca89666");
        BindingResponder vectors = responder(new StunCredentials.LongTerm(
                "example.org", Map.of("\u30de\u30c8\u30ea\u30c3\u30af\u30b9", "TheMatrIX"), nonces));
        assertEquals(Disposition.REFUSED_STALE_NONCE, handle(vectors, old));
        old[old.length - 1] ^= 1;
        assertEquals(Disposition.REFUSED_UNAUTHENTICATED, handle(vectors, old));
    }

    @Test
    void shouldNotBeBidDown() {
        UnaryOperator<byte[]> strip =
                answer -> StunCodec.encode(without(decode(answer), AttributeType.PASSWORD_ALGORITHMS));
        CredentialClient client = ask(longTerm, CredentialSession.longTerm(USER, PASSWORD), strip);
        assertEquals(
                401, assertInstanceOf(StunClient.Refused.class, client.state()).code());
        assertEquals(List.of(Disposition.REFUSED_UNAUTHENTICATED), dispositions, "no second try with MD5");
        UnaryOperator<byte[]> onlyMd5 = answer -> {
            StunMessage message = without(decode(answer), AttributeType.PASSWORD_ALGORITHMS);
            return StunCodec.encode(
                    message.with(Raw.of(AttributeType.PASSWORD_ALGORITHMS, PasswordAlgorithm.MD5.encode())));
        };
        dispositions.clear();
        ask(longTerm, CredentialSession.longTerm(USER, PASSWORD), onlyMd5);
        assertEquals(Disposition.REFUSED_BAD_REQUEST, dispositions.get(1), "the server notices");
    }

    @Test
    void shouldUseWhatAnOlderServerHas() {
        CredentialSession session = CredentialSession.longTerm(USER, PASSWORD);
        UnaryOperator<byte[]> old = answer -> decode(answer).type().equals(MessageType.BINDING_ERROR)
                ? StunCodec.encode(StunMessage.of(
                        MessageType.BINDING_ERROR,
                        decode(answer).id(),
                        new ErrorCode(401, "Unauthorized"),
                        raw(AttributeType.REALM, REALM),
                        raw(AttributeType.NONCE, "0123456789abcdef")))
                : answer;
        ask(longTerm, session, old);
        StunMessage request = decode(session.seal(StunMessage.of(MessageType.BINDING_REQUEST, id())));
        assertNotNull(request.raw(AttributeType.USERNAME));
        assertNotNull(request.raw(AttributeType.MESSAGE_INTEGRITY));
        assertNull(request.raw(AttributeType.MESSAGE_INTEGRITY_SHA256));
    }

    @Test
    void shouldThrowAwayAnAnswerWithoutTheRightSeal() {
        UnaryOperator<byte[]> spoil = answer -> {
            StunMessage message = without(decode(answer), AttributeType.MESSAGE_INTEGRITY_SHA256);
            return message.type().equals(MessageType.BINDING_SUCCESS) ? StunCodec.encode(message) : answer;
        };
        CredentialClient client = ask(longTerm, CredentialSession.longTerm(USER, PASSWORD), spoil);
        assertTrue(client.isForged());
        assertInstanceOf(StunClient.TimedOut.class, client.state());
    }

    @Test
    void shouldAnswerAShortTermUserAndSettleOnTheBetterSeal() {
        CredentialSession session = CredentialSession.shortTerm(USER, PASSWORD);
        StunMessage first = decode(session.seal(StunMessage.of(MessageType.BINDING_REQUEST, id())));
        assertNotNull(first.raw(AttributeType.MESSAGE_INTEGRITY));
        assertNotNull(first.raw(AttributeType.MESSAGE_INTEGRITY_SHA256));
        assertEquals(new StunClient.Answered(ME, 0, 1), ask(shortTerm, session).state());
        assertNull(decode(response(shortTerm)).raw(AttributeType.MESSAGE_INTEGRITY));
        StunMessage second = decode(session.seal(StunMessage.of(MessageType.BINDING_REQUEST, id())));
        assertNull(second.raw(AttributeType.MESSAGE_INTEGRITY));
        assertNotNull(second.raw(AttributeType.MESSAGE_INTEGRITY_SHA256));
        assertInstanceOf(StunClient.Answered.class, ask(shortTerm, session).state());
    }

    @Test
    void shouldRefuseShortTermRequestsWithAReason() {
        byte[] key = StunIntegrity.shortTermKey(PASSWORD);
        StunMessage bare = StunMessage.of(MessageType.BINDING_REQUEST, id());
        StunMessage named = bare.with(raw(AttributeType.USERNAME, USER));
        assertEquals(Disposition.REFUSED_BAD_REQUEST, handle(shortTerm, StunCodec.encode(named)));
        assertEquals(
                Disposition.REFUSED_BAD_REQUEST,
                handle(shortTerm, StunCodec.encode(StunIntegrity.withIntegrity(bare, key))));
        assertEquals(
                Disposition.REFUSED_UNAUTHENTICATED,
                handle(
                        shortTerm,
                        StunCodec.encode(
                                StunIntegrity.withIntegrity(bare.with(raw(AttributeType.USERNAME, "bob")), key))));
        assertEquals(
                Disposition.ANSWERED_RFC8489,
                handle(shortTerm, StunCodec.encode(StunIntegrity.withIntegrity(named, key))));
        byte[] answer = response(shortTerm);
        assertTrue(StunIntegrity.hasIntegrity(answer, 0, answer.length, key));
        CredentialClient wrong = ask(shortTerm, CredentialSession.shortTerm(USER, "wrong"));
        assertInstanceOf(StunClient.TimedOut.class, wrong.state());
        assertTrue(wrong.isForged(), "an error without a seal proves nothing");
    }

    @Test
    void shouldNotAnswerClassicRequests() {
        byte[] classic = Hex.bytes("00010000deadbeef0102030405060708090a0b0c");
        assertEquals(Disposition.IGNORED_CLASSIC, handle(longTerm, classic));
    }

    @Test
    void shouldKeepSecretsOutOfTextAndRealmsShort() {
        StunCredentials.LongTerm credentials = new StunCredentials.LongTerm(REALM, Map.of(USER, PASSWORD), nonces);
        assertFalse(credentials.toString().contains(PASSWORD));
        assertFalse(
                new StunCredentials.ShortTerm(Map.of(USER, PASSWORD)).toString().contains(PASSWORD));
        for (String realm : List.of("", "r".repeat(129))) {
            assertThrows(IllegalArgumentException.class, () -> new StunCredentials.LongTerm(realm, Map.of(), nonces));
        }
    }

    @FuzzTest(maxDuration = "5s")
    void shouldSurviveHostileBytes(byte[] bytes) {
        for (BindingResponder responder : List.of(longTerm, shortTerm)) {
            Disposition disposition = handle(responder, bytes);
            assertFalse(disposition == Disposition.ANSWERED_RFC8489, "nobody guesses a password");
            assertEquals(disposition.isAnswered(), responder.responseLength() > 0);
        }
        CredentialSession session = CredentialSession.longTerm(USER, PASSWORD);
        if (StunCodec.decode(bytes, 0, bytes.length) instanceof StunMessage message) {
            session.judge(bytes, 0, bytes.length, message);
            session.judge(bytes, 0, bytes.length, message);
        }
    }

    private CredentialClient ask(BindingResponder responder, CredentialSession session) {
        return ask(responder, session, answer -> answer);
    }

    /** Runs a client until it ends; what the server says passes through {@code way}. */
    private CredentialClient ask(BindingResponder responder, CredentialSession session, UnaryOperator<byte[]> way) {
        CredentialClient client = new CredentialClient(SERVER, session, Retransmission.PROBE, random, nowNanos);
        while (client.nextDeadlineNanos() != Long.MAX_VALUE) {
            nowNanos = Math.max(nowNanos, client.nextDeadlineNanos());
            byte[] due = client.poll(nowNanos);
            if (due != null) {
                dispositions.add(handle(responder, due));
                byte[] answer = way.apply(response(responder));
                assertTrue(client.receive(answer, 0, answer.length, SERVER, nowNanos));
            }
        }
        return client;
    }

    private Disposition sealed(StunMessage message, byte[] key) {
        return handle(longTerm, StunCodec.encode(StunIntegrity.withIntegritySha256(message, key)));
    }

    private StunMessage named(Raw name, byte[] nonce) {
        return StunMessage.of(
                MessageType.BINDING_REQUEST,
                id(),
                name,
                raw(AttributeType.REALM, REALM),
                Raw.of(AttributeType.NONCE, nonce));
    }

    private TransactionId id() {
        return TransactionId.random(random);
    }

    private static StunMessage challenge(TransactionId id, int code, byte[] nonce) {
        return StunMessage.of(
                MessageType.BINDING_ERROR,
                id,
                new ErrorCode(code, "no"),
                raw(AttributeType.REALM, REALM),
                Raw.of(AttributeType.NONCE, nonce),
                Raw.of(AttributeType.PASSWORD_ALGORITHMS, PasswordAlgorithm.encodeAll()));
    }

    private static StunMessage without(StunMessage message, AttributeType type) {
        return new StunMessage(
                message.type(),
                message.cookie(),
                message.id(),
                message.attributes().stream()
                        .filter(attribute ->
                                attribute.type() != type.code() && attribute.type() != AttributeType.FINGERPRINT.code())
                        .toList());
    }

    private static Raw raw(AttributeType type, String text) {
        return Raw.of(type, text.getBytes(StandardCharsets.UTF_8));
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static BindingResponder responder(StunCredentials credentials) {
        return new BindingResponder(new ResponderConfig(null, null, true, credentials));
    }

    private static Disposition handle(BindingResponder responder, byte[] request) {
        return responder.handle(request, 0, request.length, ME);
    }

    private static byte[] response(BindingResponder responder) {
        return Arrays.copyOf(responder.response(), responder.responseLength());
    }

    private static StunMessage decode(byte[] bytes) {
        return assertInstanceOf(StunMessage.class, StunCodec.decode(bytes, 0, bytes.length));
    }

    private static InetSocketAddress socket(String address, int port) {
        return new InetSocketAddress(InetAddress.ofLiteral(address), port);
    }
}
